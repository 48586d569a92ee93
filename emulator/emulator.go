// Package emulator serves emulated AWS services on one port: Kinesis Data Streams, DynamoDB, S3, CloudWatch's metrics and the part of
// STS that tells a client its account and gives it roles. Everything is held in memory. Requests need no signature; a signature's
// region and an access key of twelve digits, the account, keep what belongs to different ones apart.
//
// In a test, RunT gives an emulator that any AWS SDK talks to in memory, without a port or a process of its own:
//
//	e := emulator.RunT(t)
//	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &e.URL, HTTPClient: e.Client(), Credentials: …}
//
// Within testing/synctest all of it lives in the bubble's time: five minutes of a subscription to a shard, or a day of retention, pass
// in no time; outside it Advance lets them pass. What the application under test did is there to be read directly, by Kinesis, DynamoDB, S3
// and CloudWatch, and Fail and Inject make calls go wrong. Clients in other processes, whatever their language, reach an emulator with Options.Listener, as ServeT makes it.
//
// Nothing here imports an SDK, a logger or a command line.
package emulator

import (
	"context"
	"crypto/tls"
	"errors"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"clickstream/emulator/cloudwatch"
	"clickstream/emulator/dynamodb"
	"clickstream/emulator/internal/clock"
	"clickstream/emulator/internal/faults"
	"clickstream/emulator/internal/journal"
	"clickstream/emulator/internal/shortcut"
	"clickstream/emulator/internal/wire"
	"clickstream/emulator/kinesis"
	"clickstream/emulator/s3"
	"clickstream/emulator/sts"
	"clickstream/internal/inmemory"
)

// Options are the settings of an Emulator. The zero value is good for tests.
type Options struct {
	CreateDelay time.Duration // how long Kinesis streams are CREATING, UPDATING and DELETING; 0 is no time at all
	TimeOffset  time.Duration // how far the emulated time is ahead from the beginning; see Emulator.Advance
	Throttle    bool          // whether the limits of Kinesis hold: of shards, of calls and of accounts
	Listener    net.Listener  // optional: served from New to Close
	// Credentials are access keys with their secrets. Where there are any, every request must bear a signature made by one of them, or
	// by keys that AssumeRole gave; without, signatures are not looked at.
	Credentials map[string]string
	TLS         bool        // whether to speak TLS, by certificates of an authority of the emulator's own; see Emulator.CA
	ErrorLog    *log.Logger // where the HTTP server's own complaints go; standard error when nil
	Setup       Setup       // what is there from the beginning
	Faults      []Fault     // requests that go wrong; see Emulator.Inject
	FaultSeed   uint64      // where the chance of Faults begins
	LocalStack  bool        // whether LocalStack's health address, /_localstack/health, is answered

	// DataDir is the folder to keep everything in, "" for memory only. Whatever was acknowledged is there again in an emulator that is made with it
	// later, however the process of this one ended. One emulator at a time can have it. Metrics of CloudWatch and sessions of STS are not kept.
	DataDir    string
	DataSync   bool  // whether a change is acknowledged only when it is on the disk, so that it survives a failure of the power too
	DataRepair bool  // whether what is damaged in DataDir is left out, and said on ErrorLog, where it is an error otherwise
	CompactAt  int64 // bytes of changes in DataDir after which they are replaced by a snapshot; 0 is 64 MiB

	// MaxMemory is how many bytes of records, items and objects are held, with what they take beside their content; 0 is no limit. Beyond it
	// writes are refused by errors after which clients try again: deletes and retention make room.
	MaxMemory int64
}

// Emulator is a set of emulated services and the HTTP server before them. Its methods may be called at the same time.
type Emulator struct {
	// URL is the endpoint to give to clients: that of Options.Listener or, without one, an address that only Client reaches.
	URL string

	kinesis    *kinesis.Service
	dynamodb   *dynamodb.Service
	s3         *s3.Store
	cloudwatch *cloudwatch.Service
	sts        *sts.Service
	clock      *clock.Clock
	router     *router
	failures   *failures
	faults     *faults.Set
	server     *http.Server
	shortcut   *shortcut.Server   // before server, without TLS
	rest       *inmemory.Listener // of connections that shortcut leaves to server
	memory     *inmemory.Listener
	client     *http.Client
	serving    sync.WaitGroup
	authority  *authority       // nil without TLS
	journal    *journal.Journal // nil without Options.DataDir
}

// memoryHost is an address, not a name, so that S3 clients address buckets by path.
const (
	memoryHost = "127.0.0.1"
	memoryURL  = "http://" + memoryHost
)

// New makes an Emulator. With Options.Listener it serves at once; else by Serve, by Client, or mounted by Handler. Close
// ends it.
func New(options Options) (*Emulator, error) {
	now := &clock.Clock{}
	if err := now.Advance(options.TimeOffset); err != nil {
		return nil, err
	}
	buckets := s3.New(now)
	streams, err := kinesis.New(kinesis.Options{CreateDelay: options.CreateDelay, Throttle: options.Throttle, Clock: now, Deliver: deliverTo(buckets)})
	if err != nil {
		return nil, err
	}
	e := &Emulator{
		kinesis: streams, dynamodb: dynamodb.New(now), s3: buckets, cloudwatch: cloudwatch.New(now), sts: sts.New(now), clock: now,
		failures: &failures{}, faults: &faults.Set{}, memory: inmemory.Listen(), rest: inmemory.Listen(),
	}
	if err := e.faults.Replace(options.FaultSeed, options.Faults); err != nil {
		return nil, err
	}
	e.router = e.newRouter(options.Credentials, options.LocalStack)
	if err := e.keep(&options); err != nil {
		return nil, err
	}
	if err := e.begin(&options); err != nil {
		return nil, errors.Join(err, e.journal.Close())
	}
	return e, nil
}

// begin creates what is to be there, and serves.
func (e *Emulator) begin(options *Options) error {
	if err := e.setUp(&options.Setup, options.CreateDelay); err != nil {
		return err
	}
	e.server = newServer(e.router, options.ErrorLog)
	e.shortcut = &shortcut.Server{Handler: http.HandlerFunc(e.router.short), Takes: e.isShort, Rest: e.rest.Give, MaxBody: wire.DefaultMaxBody, ErrorLog: options.ErrorLog}
	transport := newMemoryTransport(e.memory)
	e.client = &http.Client{Transport: transport}
	scheme := "http://"
	if options.TLS {
		scheme = "https://"
		var err error
		if e.authority, err = newAuthority(); err != nil {
			return err
		}
		e.server.TLSConfig = e.authority.serverConfig()
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: e.authority.pool()}
	}
	e.URL = scheme + memoryHost
	e.serving.Go(func() { _ = e.server.Serve(e.rest) })
	e.serving.Go(func() { _ = e.Serve(e.memory) })
	if options.Listener != nil {
		e.URL = scheme + options.Listener.Addr().String()
		e.serving.Go(func() { _ = e.Serve(options.Listener) }) // a listener that breaks is noticed by its clients
	}
	return nil
}

// newServer returns a server that speaks HTTP/1.1 and HTTP/2 on the same port: with TLS as client and server agree, without it by prior
// knowledge, as the KCL's Kinesis client wants it.
func newServer(handler http.Handler, errorLog *log.Logger) *http.Server {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:   handler,
		Protocols: &protocols,
		ErrorLog:  errorLog,
		// Batches of records should not wait for window updates.
		HTTP2: &http.HTTP2Config{MaxReceiveBufferPerConnection: 32 << 20, MaxReceiveBufferPerStream: 16 << 20},
	}
}

// isShort says whether a request is answered at once and whole, like most: all operations of the JSON and CBOR protocols but that of a stream of
// events. Faults may break answers off or hold them back until the client leaves, which is net/http's business.
func (e *Emulator) isShort(r *http.Request) bool {
	target := r.Header.Get("X-Amz-Target")
	return target != "" && !strings.HasSuffix(target, ".SubscribeToShard") && !e.faults.Any()
}

// Handler returns the handler of all services, for a server of the caller's own.
func (e *Emulator) Handler() http.Handler { return e.router }

// Serve answers requests that come in by a listener until Close, then returns nil.
func (e *Emulator) Serve(listener net.Listener) error {
	if e.authority != nil {
		return unlessClosed(e.server.ServeTLS(listener, "", ""))
	}
	return e.shortcut.Serve(listener)
}

// unlessClosed takes it for no error that a server was closed.
func unlessClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// CA returns the certificate, in PEM, of the authority that clients have to trust with Options.TLS; nil without.
func (e *Emulator) CA() []byte {
	if e.authority == nil {
		return nil
	}
	return e.authority.pem()
}

// Client returns a client that reaches the emulator, and nothing else, in memory under any host name.
func (e *Emulator) Client() *http.Client { return e.client }

// Close ends every connection, giving requests that are under way a moment, and waits until nothing is served any more. What
// the emulator holds can still be read.
func (e *Emulator) Close() error {
	const moment = 300 * time.Millisecond
	ctx, cancel := context.WithTimeout(context.Background(), moment)
	defer cancel()
	e.client.CloseIdleConnections()
	e.kinesis.Close()
	e.shortcut.Shutdown(ctx)
	err := e.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = e.server.Close()
	}
	_ = errors.Join(e.memory.Close(), e.rest.Close()) // which never fail
	e.serving.Wait()
	return errors.Join(err, e.journal.Close())
}

// Kinesis returns the emulated Kinesis, to look into its streams.
func (e *Emulator) Kinesis() *kinesis.Service { return e.kinesis }

// DynamoDB returns the emulated DynamoDB, to look into its tables.
func (e *Emulator) DynamoDB() *dynamodb.Service { return e.dynamodb }

// S3 returns the emulated S3, to look into its buckets. What channels of Kinesis were to deliver by now is there.
func (e *Emulator) S3() *s3.Store {
	e.kinesis.Deliver()
	return e.s3
}

// CloudWatch returns the emulated CloudWatch, to look into its metrics.
func (e *Emulator) CloudWatch() *cloudwatch.Service { return e.cloudwatch }

// Error is an answer by which a service refuses a request, for Fail.
type Error = wire.Error
