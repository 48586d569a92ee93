package emulate_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clickstream/emulate"
	"clickstream/internal/exit"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestReady has everything there when the readiness line says so: what the init file wants, the rules of faults, and health.
func TestReady(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	output, done := run(ctx, t, "--port", "0", "--localstack", "--fault-seed", "7",
		"--init", write(t, "init.json", `{"streams": [{"name": "clicks"}], "buckets": [{"name": "batches"}]}`),
		"--fault", "kinesis:PutRecords rate=0.1 throttle", "--faults", write(t, "bad.day", "# S3\ns3 every=3 error\n"))
	line, err := output.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url := strings.TrimSpace(strings.TrimPrefix(line, "clickstream emulator ready on "))
	if _, err := output.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	const rules = `{"faults":[{"fault":"kinesis:PutRecords rate=0.1 throttle","matched":0,"fired":0},{"fault":"s3 every=3 error","matched":2,"fired":0}],"seed":7}` + "\n"
	for _, test := range []struct{ path, want string }{
		{"/", "<Name>batches</Name>"},
		{"/batches", "<Name>batches</Name>"},
		{"/health", `{"status":"ready","services":["cloudwatch","dynamodb","kinesis","s3","sts"]}`},
		{"/_localstack/health", `"kinesis":"running"`},
		{"/_clickstream/faults", rules},
	} {
		if text := get(t, url+test.path); !strings.Contains(text, test.want) {
			t.Errorf("%s: %s", test.path, text)
		}
	}
	if err := emulate.Health(ctx, url+"/"); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestLocalStackPort wants the port that LocalStack has, and says that it is taken.
func TestLocalStackPort(t *testing.T) {
	var config net.ListenConfig
	taken, err := config.Listen(t.Context(), "tcp", "127.0.0.1:4566")
	if err == nil { // else another program has it
		defer func() { _ = taken.Close() }()
	}
	output, done := run(bounded(t), t, "--localstack")
	if text, err := io.ReadAll(output); len(text) > 0 || err != nil {
		t.Errorf("output %q, %v", text, err)
	}
	if err := <-done; err == nil || !strings.HasPrefix(err.Error(), "127.0.0.1:4566 is in use") {
		t.Error(err)
	}
}

func TestHealthOfNothing(t *testing.T) {
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	server := &http.Server{Handler: http.NotFoundHandler()}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	ask := func(address, message string, code int) {
		t.Helper()
		output, done := run(bounded(t), t, "--health", address)
		if text, err := io.ReadAll(output); len(text) > 0 || err != nil {
			t.Errorf("output %q, %v", text, err)
		}
		if err := <-done; err == nil || !strings.Contains(err.Error(), message) || exit.Code(err) != code {
			t.Errorf("%s: %v, code %d", address, err, exit.Code(err))
		}
	}
	ask(address, "no emulator that is ready: status 404", exit.Failed)
	_ = server.Close()
	<-served
	ask(address, "no emulator is ready at "+address, exit.Failed)
	ask("127.0.0.1", "is no address such as", exit.Usage)
}

func TestFilesRefused(t *testing.T) {
	for _, test := range []struct{ flag, content, message string }{
		{"--init", "{\n\"streams\": 1}", `file:2:12: "streams" is a number, not an array`},
		{"--init", `{"streams": [{"name": "a b"}]}`, `file: streams[0], "a b": `},
		{"--faults", "\ns3 explode", `file:2: "s3 explode" is no fault: the kind "explode" is none of`},
	} {
		output, done := run(bounded(t), t, "--port", "0", test.flag, write(t, "file", test.content))
		if text, err := io.ReadAll(output); len(text) > 0 || err != nil {
			t.Errorf("output %q, %v", text, err)
		}
		if err := <-done; err == nil || !strings.Contains(err.Error(), test.message) || exit.Code(err) != exit.Usage {
			t.Errorf("%s %q: %v", test.flag, test.content, err)
		}
	}
	for _, arguments := range [][]string{{"--fault", "s3"}, {"--faults", "is-not-there"}, {"--init", "is-not-there"}} {
		output, done := run(bounded(t), t, append(arguments, "--port", "0")...)
		if text, err := io.ReadAll(output); len(text) > 0 || err != nil {
			t.Errorf("output %q, %v", text, err)
		}
		if err := <-done; exit.Code(err) != exit.Usage {
			t.Errorf("%v: %v", arguments, err)
		}
	}
}
