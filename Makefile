GOLANGCI_LINT_VERSION := v2.15.0
TOOLS := $(CURDIR)/.tools
LINT := $(TOOLS)/golangci-lint

FUZZ := ./kcl/... ./emulator/...
FUZZTIME := 20s

.PHONY: help build test race e2e lint fmt cross fuzz bench image module ci

help: ## list the targets
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

build: ## build ./clickstream
	CGO_ENABLED=0 go build -trimpath -o clickstream .

test: ## run all tests
	go test ./...

race: ## run all tests with the race detector
	go test -race -timeout 30m ./...

e2e: ## show the whole flow end to end, on the emulator and on LocalStack
	go test -v -timeout 30m ./e2e

$(LINT):
	GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)

lint: $(LINT) ## run the linters, the formatters in check mode and go mod tidy -diff
	$(LINT) run ./...
	$(LINT) fmt --diff
	go mod tidy -diff

fmt: $(LINT) ## format the code
	$(LINT) fmt

cross: ## build and vet for linux, darwin and windows
	for os in linux darwin windows; do GOOS=$$os go vet ./... && GOOS=$$os go build -o /dev/null . || exit 1; done

fuzz: ## run every fuzz target below FUZZ (default ./kcl/... ./emulator/...) for FUZZTIME (default 20s)
	@for package in $$(go list $(FUZZ)); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; go test $$package -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x || exit 1; \
		done; \
	done

bench: ## measure the whole pipeline (see docs/bench.md)
	bench/pipeline.sh

image: ## build the container images clickstream:static and clickstream:java, pulling nothing
	deploy/container/image.sh

module: ## give the module its address: make module MODULE=example.com/you/clickstream
	@test -n "$(MODULE)" || { echo 'usage: make module MODULE=example.com/you/clickstream' >&2; exit 2; }
	old=$$(go list -m) && go mod edit -module $(MODULE) && \
	git ls-files '*.go' '*.md' '*.txtar' | xargs sed -i "s#\([\"\`( ]\)$$old/#\1$(MODULE)/#g" && \
	sed -i "s#, $$old/#, $(MODULE)/#; s#module-path: $$old#module-path: $(MODULE)#" .golangci.yml

ci: lint cross race ## what CI runs
