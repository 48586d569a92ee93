// Package daemon is a MultiLangDaemon for one machine: it holds the leases of a Kinesis stream's shards in the table that the Java
// daemon uses, reads each shard by polling or by fan-out, and runs one child process per shard, to which it speaks the line protocol of package
// multilang.
//
// It differs from the Java daemon (KCL 3.1.3) where that one gives up more than it must: a child that dies is started again while the
// others go on, an endpoint that is away is waited for, and leases are taken only when their holder has been silent for
// failoverTimeMillis. It never takes a share of another worker's leases: for several machines use the Java daemon.
package daemon

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/sirupsen/logrus"

	"clickstream/internal/exit"
	"clickstream/internal/leases"
	"clickstream/properties"
)

// Config is what a daemon works with.
type Config struct {
	Settings *properties.Config
	Kinesis  *kinesis.Client
	DynamoDB *dynamodb.Client
	Log      *logrus.Entry
	Out      io.Writer // lines for people: what was started, lost, ended
	Err      io.Writer // what the children write to their standard error, each line after its shard's name

	// ChildEnvironment is what the children's environment has besides this process's own: variables as NAME=value.
	ChildEnvironment []string
}

// leastGrace is the time that children have to stop when the settings give them none. The Java daemon would give none.
const leastGrace = time.Second

// daemon is a running daemon.
type daemon struct {
	settings *properties.Config
	stream   *stream
	consumer *consumer // nil unless the stream is read by fan-out
	table    *leases.Table
	worker   string
	command  []string
	extra    []string // of the children's environment
	log      *logrus.Entry
	out, err *lineWriter

	// stopping is done when the daemon is to stop. The children's last words and their checkpoints come after that: whatever belongs to
	// them gets a context that lasts until they are killed.
	stopping context.Context

	shards sync.WaitGroup
	wake   chan struct{} // something has changed: look at the leases now

	mu      sync.Mutex
	running map[string]bool // by lease key
	failed  error           // the first error that ends the daemon
}

// Run works until ctx is done, then lets the children store what they hold (for shutdownGraceMillis at most) and returns ctx's cause.
// An error before that ends the daemon in the same way; those with exit code 2 cannot pass.
func Run(ctx context.Context, cfg Config) error {
	command, err := childCommand(cfg.Settings)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	if file := otherFile(cfg.Settings); file != "" {
		cfg.Log.Warnf("this daemon's settings are those of %s, but executableName tells the record processors to read %s: "+
			"their bucket and application are the ones named there", cfg.Settings.Path, file)
	}
	worker, err := claimWorker(cfg.Settings)
	if err != nil {
		return err
	}
	defer worker.release()
	stopping, stop := context.WithCancel(ctx)
	defer stop()
	d := &daemon{
		settings: cfg.Settings, stream: newStream(cfg.Kinesis, cfg.Settings), worker: worker.id, command: command, extra: cfg.ChildEnvironment,
		table: leases.NewTable(cfg.DynamoDB, cfg.Settings.TableName), log: cfg.Log.WithField("worker", worker.id),
		out: &lineWriter{w: cfg.Out}, err: &lineWriter{w: cfg.Err},
		stopping: stopping, wake: make(chan struct{}, 1), running: map[string]bool{},
	}
	if cfg.Settings.RetrievalMode == properties.RetrievalFanOut {
		d.consumer = newConsumer(d.stream, cfg.Settings, d.tell)
	}
	d.tell("worker %s: stream %s, lease table %s", d.worker, d.stream.label(), d.table.Name())
	// The children outlive ctx until kill.
	alive, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	err = d.coordinate(stopping, func(lease leases.Lease) { d.start(alive, lease) })
	if ctx.Err() != nil {
		d.tell("stopping; the record processors store what they hold")
	}
	stop()
	late := time.AfterFunc(max(cfg.Settings.ShutdownGrace(), leastGrace), func() {
		d.log.Warn("the children have not stopped in time; killing them")
		kill()
	})
	d.shards.Wait()
	late.Stop()
	if err == nil {
		err = d.failure()
	}
	if err == nil {
		err = context.Cause(ctx)
	}
	return err
}

// start works on a lease that was just taken.
func (d *daemon) start(ctx context.Context, lease leases.Lease) {
	log := d.log.WithField("shard", lease.Key)
	s := &shard{daemon: d, id: lease.Key, keys: hashKeys(&lease, log), lease: holdLease(d.table, lease, log), log: log}
	d.mu.Lock()
	d.running[lease.Key] = true
	d.mu.Unlock()
	d.shards.Go(func() {
		err := s.run(ctx)
		d.mu.Lock()
		if err == nil {
			delete(d.running, s.id)
		} else if d.failed == nil {
			d.failed = err
		}
		d.mu.Unlock()
		select {
		case d.wake <- struct{}{}:
		default:
		}
	})
}

func (d *daemon) isRunning(key string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.running[key]
}

func (d *daemon) failure() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

// tell writes a line for people.
func (d *daemon) tell(format string, args ...any) {
	d.out.line("daemon: " + fmt.Sprintf(format, args...))
}

// stderr returns the standard error of a shard's child.
func (d *daemon) stderr(shardID string) *prefixWriter {
	return &prefixWriter{to: d.err, prefix: shardID + ": "}
}
