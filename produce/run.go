package produce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"clickstream/internal/click"
	"clickstream/internal/exit"
	"clickstream/producer"
)

// Config is what Run does.
type Config struct {
	Kinesis      API
	Stream       string        // name of the stream, created if there is none
	StreamARN    string        // where set, requests name the stream by it, and it is not created
	Shards       int           // of a stream that is created
	DescribeWait time.Duration // between two looks at a stream that is not ready

	Batch    int     // records in a request, 1 to 500
	TPS      float64 // requests per second, 0 is unpaced
	InFlight int     // requests at once, at least 1; more than one gives up the order of records, unless OrderByKey
	Records  int64   // stop when so many are stored; 0 is without end, for an input its end

	Aggregate   bool          // pack records into aggregates, in the KPL's format
	OrderByKey  bool          // keep the order of the records of a partition key
	ShardLimits bool          // hold back what the shards would refuse
	TimeToLive  time.Duration // of a record; 0 is for ever

	Input       io.Reader // clicks to send; nil generates them
	InputName   string    // of the input, for messages
	InputFormat click.Format
	Listen      net.Listener // takes clicks by HTTP instead
	Origin      string       // of the web pages that may read the answers to their clicks; "" is none, * is any
	Seed        uint64       // of the generator and of the pauses

	Out, Err io.Writer
	Live     bool   // Out is a terminal
	Quiet    bool   // print nothing on Out
	Summary  string // file to write the Summary to, "" for none
	Spill    string // file to write the records to that are not stored, "" for none
}

// check returns the first mistake in the settings.
func (c *Config) check() error {
	for _, setting := range []struct {
		wrong bool
		text  string
	}{
		{c.Stream == "", "the stream has no name"},
		{c.Shards < 1, fmt.Sprintf("shards is %d, it has to be at least 1", c.Shards)},
		{c.Batch < 1 || c.Batch > producer.MaxRequestRecords, fmt.Sprintf("recordsToWritePerBatch is %d, it has to be from 1 to %d", c.Batch, producer.MaxRequestRecords)},
		{c.TPS < 0, fmt.Sprintf("putRecordsTps is %v, it has to be 0 (unpaced) or more", c.TPS)},
		{c.InFlight < 1 || c.InFlight > 1000, fmt.Sprintf("in-flight is %d, it has to be from 1 to 1000", c.InFlight)},
		{c.Records < 0, fmt.Sprintf("records is %d, it has to be 0 (without end) or more", c.Records)},
		{c.TimeToLive < 0, fmt.Sprintf("the time to live is %v, it has to be 0 (for ever) or more", c.TimeToLive)},
	} {
		if setting.wrong {
			return exit.With(exit.Usage, errors.New(setting.text))
		}
	}
	return nil
}

// Run sends clicks until the input's end, until Records are stored, or until ctx ends. It prints progress and a summary that adds
// up, and writes the Summary file. The error is nil, the context's cause, the first error that cannot pass, or, with exit code 4,
// that lines of the input were refused.
func Run(ctx context.Context, cfg Config) error {
	if err := cfg.check(); err != nil {
		return err
	}
	if err := checkFiles(cfg.Spill, cfg.Summary); err != nil {
		return exit.With(exit.Usage, err)
	}
	to := &console{out: cfg.Out, err: cfg.Err, quiet: cfg.Quiet, input: cfg.InputName, noun: "line"}
	if cfg.Listen != nil {
		to.noun = "click"
	}
	defer to.close()
	r := &run{Config: cfg, console: to, target: target{name: cfg.Stream, arn: cfg.StreamARN}, spill: &spill{path: cfg.Spill}}
	maxRecord, err := (&stream{
		api: cfg.Kinesis, target: r.target, shards: int32(min(cfg.Shards, 1<<30)), wait: cfg.DescribeWait, say: to.say,
	}).ready(ctx)
	if err != nil {
		return err
	}
	return r.finish(ctx, r.send(ctx, maxRecord))
}

// run is one run.
type run struct {
	Config
	target   target
	console  *console
	spill    *spill
	producer *producer.Producer
	outlet   *outlet
}

// send sends everything and shows how it goes on. It returns nil, or why not all of it was stored.
func (r *run) send(ctx context.Context, maxRecord int) error {
	p, err := producer.New(ctx, r.options(maxRecord))
	if err != nil {
		return final(ctx, err, "list the shards of stream "+r.target.name)
	}
	r.producer = p
	going, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	drained, stop := r.outlive(ctx, going)
	defer stop()
	r.outlet = &outlet{turn: make(chan struct{}, 1), producer: p, drained: drained, spill: r.spill, fail: func(err error) { fail(&refusedError{err}) }}
	r.outlet.done = func(result producer.Result) { r.outlet.settled(result, 0) }

	show := &progress{console: r.console, stats: p.Stats, records: r.Records, live: r.Live}
	show.start()
	defer show.stop()
	err = r.take(going)
	closed := p.Close(drained)
	if r.outlet.after != nil {
		r.outlet.after()
	}
	if refused, ok := errors.AsType[*refusedError](context.Cause(going)); ok {
		return r.target.refusal(refused.error)
	}
	if err == nil && ctx.Err() == nil {
		err = closed
	}
	return err
}

// refusedError ends a run: a request failed for good.
type refusedError struct{ error }

// take takes records from the source until there are no more, or until going ends.
func (r *run) take(going context.Context) error {
	from := r.source()
	ended := make(chan error, 1)
	go func() { ended <- from.run(going, r.outlet) }() // not waited for while it waits in a read, which nothing ends
	defer r.outlet.close()
	select {
	case err := <-ended:
		return err
	case <-going.Done():
	}
	if _, reads := from.(*inputSource); reads {
		return nil
	}
	return <-ended
}

// options are the producer's. It holds a few requests' worth of records, not more: what it holds is lost when the process is.
func (r *run) options(maxRecord int) producer.Options {
	o := producer.Options{
		Client: r.Kinesis, Stream: r.Stream, StreamARN: r.StreamARN, MaxRecordBytes: maxRecord,
		RequestRecords: r.Batch, InFlight: r.InFlight, RequestsPerSecond: r.TPS, Linger: linger,
		OrderByKey: r.OrderByKey, ShardLimits: r.ShardLimits, TimeToLive: r.TimeToLive, Aggregate: r.Aggregate,
		FollowShards: r.generates(), Seed: r.Seed,
		BufferedRecords: r.Batch * (r.InFlight + 2), BufferedBytes: int64(min(r.InFlight+2, 16)) * producer.DefaultRequestBytes,
	}
	o.Warn = func(kind string, err error) { r.console.warn(kind, r.target.trouble(kind, err)) }
	if r.Aggregate {
		const some = 1000 // records in an aggregate, about
		o.BufferedRecords = min(o.BufferedRecords*some, producer.DefaultBufferedRecords)
	}
	return o
}

// linger is how long a request waits for more records before it is sent with those it has, so that the lines of a slow pipe
// (tail -f) are not held back.
const linger = 250 * time.Millisecond

// generates reports whether the clicks are random ones.
func (r *run) generates() bool { return r.Input == nil && r.Listen == nil }

// source returns what gives the records.
func (r *run) source() source {
	left := r.Records
	if left == 0 {
		left = -1
	}
	switch {
	case r.Listen != nil:
		return &httpSource{listener: r.Listen, origin: r.Origin, console: r.console}
	case r.Input != nil:
		return &inputSource{lines: click.NewReader(r.Input, r.InputFormat), left: left, refuse: r.console.refuse}
	default:
		return &generatorSource{clicks: click.NewGenerator(r.Seed), left: left}
	}
}

// drainLimit is how long, after a signal, the run goes on with the records it already has.
const drainLimit = 5 * time.Second

// outlive returns a context that ends drainLimit after ctx has, or at a second signal, or as soon as a request has failed for good.
func (r *run) outlive(ctx, going context.Context) (context.Context, func()) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	remove := context.AfterFunc(going, func() {
		if _, refused := errors.AsType[*refusedError](context.Cause(going)); refused {
			cancel(context.Cause(going))
			return
		}
		if signal, ok := errors.AsType[*exit.Signal](context.Cause(going)); ok {
			signal.OnAgain(func() { cancel(errors.New("a second signal")) })
			if r.producer.Stats().Buffered > 0 {
				r.console.say("Sending what was taken for %v more; a second signal ends that", drainLimit)
			}
		}
		timer := time.NewTimer(drainLimit)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(fmt.Errorf("%v after the signal", drainLimit))
		case <-longer.Done(): // the run is done
		}
	})
	return longer, func() {
		remove()
		cancel(nil)
	}
}

// account prints the summary, how many records are left and where they are, and ends the file that takes them.
func (r *run) account(summary *Summary) error {
	r.console.say("%s", summary.Text())
	if r.Quiet && summary.Stored < summary.Sent {
		r.console.warn("summary", errors.New(summary.Text()))
	}
	err := r.spill.close()
	if left := r.spill.text(r.InputName); left != "" {
		r.console.warn("spill", errors.New(left))
	}
	if r.Input == nil || r.outlet == nil {
		return err
	}
	if rest := r.outlet.rest(r.InputName); rest != "" {
		r.console.warn("rest", errors.New(rest))
	}
	return err
}

// finish prints and writes the summary and returns what the run returns.
func (r *run) finish(ctx context.Context, err error) error {
	summary := r.summarize()
	err = errors.Join(err, r.account(summary))
	if r.Summary != "" {
		if failed := summary.write(r.Summary); failed != nil {
			err = errors.Join(err, fmt.Errorf("write the summary: %w", failed))
		}
	}
	switch {
	case ctx.Err() != nil:
		if err != nil && !errors.Is(err, context.Canceled) {
			r.console.warn("end", err)
		}
		return context.Cause(ctx)
	case err != nil:
		return err
	case summary.RefusedLines > 0:
		return exit.With(exit.Refused, fmt.Errorf("%s: %s refused; everything else is stored", r.InputName, count(summary.RefusedLines, "line")))
	case summary.Expired > 0:
		return fmt.Errorf("%s not stored in time", count(summary.Expired, "record"))
	}
	return nil
}
