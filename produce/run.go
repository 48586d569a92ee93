package produce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"clickstream/internal/click"
	"clickstream/internal/exit"
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
	InFlight int     // requests at once, at least 1; more than one gives up the order of records
	Records  int64   // stop when so many are stored; 0 is without end, for an input its end

	Input       io.Reader // clicks to send; nil generates them
	InputName   string    // of the input, for messages
	InputFormat click.Format
	Seed        uint64 // of the generator and of the pauses

	Out, Err io.Writer
	Live     bool   // Out is a terminal
	Quiet    bool   // print nothing on Out
	Summary  string // file to write the Summary to, "" for none
}

// check returns the first mistake in the settings.
func (c *Config) check() error {
	for _, setting := range []struct {
		wrong bool
		text  string
	}{
		{c.Stream == "", "the stream has no name"},
		{c.Shards < 1, fmt.Sprintf("shards is %d, it has to be at least 1", c.Shards)},
		{c.Batch < 1 || c.Batch > maxBatchRecords, fmt.Sprintf("recordsToWritePerBatch is %d, it has to be from 1 to %d", c.Batch, maxBatchRecords)},
		{c.TPS < 0, fmt.Sprintf("putRecordsTps is %v, it has to be 0 (unpaced) or more", c.TPS)},
		{c.InFlight < 1 || c.InFlight > 1000, fmt.Sprintf("in-flight is %d, it has to be from 1 to 1000", c.InFlight)},
		{c.Records < 0, fmt.Sprintf("records is %d, it has to be 0 (without end) or more", c.Records)},
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
	to := &console{out: cfg.Out, err: cfg.Err, quiet: cfg.Quiet, input: cfg.InputName}
	defer to.close()
	p := &producer{
		Config: cfg, console: to, ledger: newLedger(), target: target{name: cfg.Stream, arn: cfg.StreamARN},
	}
	maxRecord, err := (&stream{
		api: cfg.Kinesis, target: p.target, shards: int32(min(cfg.Shards, 1<<30)), wait: cfg.DescribeWait, say: to.say,
	}).ready(ctx)
	if err != nil {
		return err
	}
	return p.finish(ctx, p.send(ctx, maxRecord))
}

// producer is one run.
type producer struct {
	Config
	target  target
	console *console
	ledger  *ledger
}

// send sends everything and shows how it goes on.
func (p *producer) send(ctx context.Context, maxRecord int) error {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	e := &engine{
		api: p.Kinesis, target: p.target, inFlight: p.InFlight, limit: p.Batch, seed: p.Seed,
		pace: newPacer(p.TPS), counts: p.ledger, warn: p.console.warn,
	}
	from, err := p.source(reading, maxRecord, e)
	if err != nil {
		return err
	}
	show := &progress{console: p.console, ledger: p.ledger, records: p.Records, live: p.Live}
	show.start()
	defer show.stop()
	return e.run(ctx, from)
}

// source returns what gives the records.
func (p *producer) source(ctx context.Context, maxRecord int, e *engine) (source, error) {
	left := p.Records
	if left == 0 {
		left = -1
	}
	if p.Input != nil {
		return newInputSource(ctx, p.Input, p.InputFormat, maxRecord, left, p.console.refuse), nil
	}
	e.shards = &shardMap{api: p.Kinesis, target: p.target}
	if err := e.shards.refresh(ctx); err != nil {
		return nil, final(ctx, err, "list the shards of stream "+p.target.name)
	}
	return &generatorSource{clicks: click.NewGenerator(p.Seed), shards: e.shards, left: left, warn: p.console.warn}, nil
}

// finish prints and writes the summary and returns what the run returns.
func (p *producer) finish(ctx context.Context, err error) error {
	counts := p.ledger.read()
	counts.refusedLines = p.console.refused()
	summary := summarize(p.Stream, counts)
	p.console.say("%s", summary.Text())
	if p.Quiet && counts.stored < counts.sent {
		p.console.warn("summary", errors.New(summary.Text()))
	}
	if p.Summary != "" {
		if failed := summary.write(p.Summary); failed != nil {
			err = errors.Join(err, fmt.Errorf("write the summary: %w", failed))
		}
	}
	switch {
	case ctx.Err() != nil:
		if err != nil && !errors.Is(err, context.Canceled) {
			p.console.warn("end", err)
		}
		return context.Cause(ctx)
	case err != nil:
		return err
	case counts.refusedLines > 0:
		return exit.With(exit.Refused, fmt.Errorf("%s: %s refused; everything else is stored", p.InputName, count(counts.refusedLines, "line")))
	}
	return nil
}
