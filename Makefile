GOLANGCI_LINT_VERSION := v2.15.0
TOOLS := $(CURDIR)/.tools
LINT := $(TOOLS)/golangci-lint
GORELEASER_VERSION := v2.16.0
GORELEASER := $(TOOLS)/goreleaser

FUZZ := ./kcl/... ./emulator/...
FUZZTIME := 20s
# Without a Markdown reader, which urfave/cli brings along for manual pages of its own: each start is 0.6 ms shorter.
TAGS := urfave_cli_no_docs

.PHONY: help build test race e2e lint fmt cross fuzz bench image release releasecheck module ci

help: ## list the targets
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

build: ## build ./clickstream
	CGO_ENABLED=0 go build -trimpath -tags $(TAGS) -o clickstream .

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

cross: ## build for linux, darwin and windows, on amd64 and arm64, and vet
	for os in linux darwin windows; do \
		GOOS=$$os go vet ./... && for arch in amd64 arm64; do GOOS=$$os GOARCH=$$arch go build -o /dev/null . || exit 1; done || exit 1; \
	done

fuzz: ## run every fuzz target below FUZZ (default ./kcl/... ./emulator/...) for FUZZTIME (default 20s), one on each core
	@for package in $$(go list $(FUZZ)); do \
		go test -list '^Fuzz' $$package | grep '^Fuzz' | sed "s#^#$$package #"; \
	done | FUZZTIME=$(FUZZTIME) xargs -P "$$(getconf _NPROCESSORS_ONLN)" -L 1 .ci/fuzz

bench: ## measure the whole pipeline (see docs/bench.md)
	bench/pipeline.sh

image: ## build the container images clickstream:static and clickstream:java, pulling nothing
	deploy/container/image.sh

$(GORELEASER):
	GOBIN=$(TOOLS) go install github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)

release: $(GORELEASER) ## make the archives, checksums and bills of materials of the last commit in dist, and publish nothing
	$(GORELEASER) release --snapshot --clean --skip=publish

releasecheck: $(GORELEASER) ## make them in two clones, compare byte for byte, and run what is in this system's
	deploy/release/check.sh

module: ## give the module its address: make module MODULE=example.com/you/clickstream
	@test -n "$(MODULE)" || { echo 'usage: make module MODULE=example.com/you/clickstream' >&2; exit 2; }
	old=$$(go list -m) && go mod edit -module $(MODULE) && \
	git ls-files '*.go' '*.md' '*.txtar' | xargs sed -i "s#\([\"\`( ]\)$$old/#\1$(MODULE)/#g" && \
	sed -i "s#, $$old/#, $(MODULE)/#; s#module-path: $$old#module-path: $(MODULE)#" .golangci.yml

ci: lint cross race ## what CI runs
