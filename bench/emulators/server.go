package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"clickstream/internal/wholebody"
)

// server is a running emulator.
type server struct {
	process  *exec.Cmd
	folder   string // of its own
	address  string
	answered time.Duration // from its start to its first answer
}

// start runs a command and waits for its first answer to anything.
func start(ctx context.Context, command []string) (*server, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "emulators-")
	if err != nil {
		return nil, err
	}
	words := slices.Clone(command)
	for i := range words {
		words[i] = strings.NewReplacer("{port}", port, "{folder}", folder).Replace(words[i])
	}
	s := &server{process: exec.CommandContext(ctx, words[0], words[1:]...), folder: folder, address: address}
	begin := time.Now()
	if err := s.process.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	const patience = time.Minute
	for !s.answers(ctx) {
		if time.Since(begin) > patience {
			s.stop()
			return nil, fmt.Errorf("no answer within %v", patience)
		}
		time.Sleep(100 * time.Microsecond)
	}
	s.answered = time.Since(begin)
	return s, nil
}

func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// answers says whether anything comes back for a request. It is written by hand: a client's own start should not count.
func (s *server) answers(ctx context.Context) bool {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", s.address)
	if err != nil {
		return false
	}
	defer func() { _ = connection.Close() }()
	const request = "POST / HTTP/1.1\r\nHost: %s\r\nX-Amz-Target: Kinesis_20131202.ListStreams\r\nContent-Type: application/x-amz-json-1.1\r\n" +
		"X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, " +
		"SignedHeaders=host;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n" +
		"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
	if _, err := fmt.Fprintf(connection, request, s.address); err != nil {
		return false
	}
	answer := make([]byte, len("HTTP/1."))
	_, err = io.ReadFull(connection, answer)
	return err == nil
}

// stop ends the process and those that it started.
func (s *server) stop() {
	for _, pid := range s.tree() {
		if process, err := os.FindProcess(pid); err == nil {
			_ = process.Kill() // it may have ended
		}
	}
	_ = s.process.Wait() // it was killed
	_ = os.RemoveAll(s.folder)
}

// config points a client of the SDK at the server. What fails is not tried again: it should show.
func (s *server) config() aws.Config {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // it is one
	transport.Proxy, transport.MaxIdleConnsPerHost = nil, 64
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + s.address), RetryMaxAttempts: 1, HTTPClient: &http.Client{Transport: wholebody.Transport{Transport: transport}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
}

// tree returns the process and all that came of it.
func (s *server) tree() []int {
	parents := map[int]int{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is good
	for _, file := range files {
		if fields, err := stat(file); err == nil {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			parents[pid], _ = strconv.Atoi(fields[1])
		}
	}
	pids := []int{s.process.Process.Pid}
	for i := 0; i < len(pids); i++ {
		for pid, parent := range parents {
			if parent == pids[i] {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// stat returns the fields of a process's stat file from the state on.
func stat(file string) ([]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	const system = 12 // the last one that is read
	if len(fields) <= system {
		return nil, fmt.Errorf("%s is not as expected", file)
	}
	return fields, nil
}

// cpu returns what the server took of the processor so far, user and system.
func (s *server) cpu() (time.Duration, error) {
	const tick = 10 * time.Millisecond // USER_HZ is 100 wherever Go runs on Linux
	total := time.Duration(0)
	for _, pid := range s.tree() {
		fields, err := stat(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0, err
		}
		user, err := strconv.Atoi(fields[11])
		system, wrong := strconv.Atoi(fields[12])
		if err = errors.Join(err, wrong); err != nil {
			return 0, err
		}
		total += time.Duration(user+system) * tick
	}
	return total, nil
}

// memory returns how many bytes of the server are in memory.
func (s *server) memory() (int64, error) {
	total := int64(0)
	for _, pid := range s.tree() {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			return 0, err
		}
		for line := range strings.Lines(string(text)) {
			if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
				kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
				if err != nil {
					return 0, err
				}
				total += kilobytes << 10
			}
		}
	}
	return total, nil
}
