package deploy_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"clickstream/emulator"
)

// account answers at the AWS endpoint of the machines: the emulator, and of Auto Scaling the one operation that they call.
type account struct {
	*emulator.Emulator
	server *http.Server
	url    string // for this process and its children

	mutex     sync.Mutex
	completed []url.Values // calls of CompleteLifecycleAction
}

func newAccount(t *testing.T, setup emulator.Setup) *account {
	t.Helper()
	e, err := emulator.New(emulator.Options{Setup: setup})
	if err != nil {
		t.Fatal(err)
	}
	a := &account{Emulator: e}
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	a.server = &http.Server{Handler: a, Protocols: &protocols}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a.url = "http://" + listener.Addr().String()
	serve(t, a.server, listener)
	t.Cleanup(func() { _ = e.Close() })
	return a
}

// ServeHTTP answers Auto Scaling's call itself.
func (a *account) ServeHTTP(rw http.ResponseWriter, request *http.Request) {
	if strings.HasPrefix(request.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		body, _ := io.ReadAll(request.Body)
		if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") == "CompleteLifecycleAction" {
			a.mutex.Lock()
			a.completed = append(a.completed, form)
			a.mutex.Unlock()
			_, _ = io.WriteString(rw, `<CompleteLifecycleActionResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">`+
				`<CompleteLifecycleActionResult/><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></CompleteLifecycleActionResponse>`)
			return
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	a.Handler().ServeHTTP(rw, request)
}

// completes counts the calls that let an instance of the group go.
func (a *account) completes(instance, group string) int {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	n := 0
	for _, form := range a.completed {
		if form.Get("InstanceId") == instance && form.Get("AutoScalingGroupName") == group && form.Get("LifecycleHookName") == "drain" &&
			form.Get("LifecycleActionResult") == "CONTINUE" {
			n++
		}
	}
	return n
}

// metadata is EC2's instance metadata service, version 2 only.
type metadata struct {
	instance string

	mutex sync.Mutex
	state string // what Auto Scaling wants this instance to be
}

func (m *metadata) set(state string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.state = state
}

// ServeHTTP gives tokens, and what the path names to who brings one.
func (m *metadata) ServeHTTP(rw http.ResponseWriter, request *http.Request) {
	const token = "token-of-this-machine"
	if request.Method == http.MethodPut && request.URL.Path == "/latest/api/token" {
		rw.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", request.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds"))
		_, _ = io.WriteString(rw, token)
		return
	}
	if request.Header.Get("X-Aws-Ec2-Metadata-Token") != token {
		http.Error(rw, "Unauthorized", http.StatusUnauthorized)
		return
	}
	switch request.URL.Path {
	case "/latest/meta-data/instance-id":
		_, _ = io.WriteString(rw, m.instance)
	case "/latest/meta-data/autoscaling/target-lifecycle-state":
		m.mutex.Lock()
		defer m.mutex.Unlock()
		_, _ = io.WriteString(rw, m.state)
	case "/latest/meta-data/iam/security-credentials/":
		_, _ = io.WriteString(rw, "role")
	case "/latest/meta-data/iam/security-credentials/role":
		_, _ = fmt.Fprint(rw, `{"Code": "Success", "LastUpdated": "2026-01-01T00:00:00Z", "Type": "AWS-HMAC", "AccessKeyId": "ASIATEST",`+
			`"SecretAccessKey": "test", "Token": "test", "Expiration": "2099-01-01T00:00:00Z"}`)
	default:
		http.NotFound(rw, request)
	}
}

// serve serves until the test ends.
func serve(t *testing.T, server *http.Server, listener net.Listener) {
	t.Helper()
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() { _ = server.Close(); serving.Wait() })
}

// listen opens a port of this process in the network namespace.
func listen(t *testing.T, namespace, address string) net.Listener {
	t.Helper()
	type opened struct {
		listener net.Listener
		err      error
	}
	done := make(chan opened)
	go func() {
		runtime.LockOSThread() // for good: the thread is of no use in its old network, and ends
		file, err := unix.Open("/run/netns/"+namespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			err = unix.Setns(file, unix.CLONE_NEWNET)
			_ = unix.Close(file)
		}
		if err != nil {
			done <- opened{nil, err}
			return
		}
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
		done <- opened{listener, err}
	}()
	o := <-done
	if o.err != nil {
		t.Fatalf("%s in the network of %s: %v", address, namespace, o.err)
	}
	return o.listener
}
