package produce

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"clickstream/internal/awsclient"
	"clickstream/internal/click"
	"clickstream/internal/exit"
	"clickstream/internal/settings"
	"clickstream/properties"
)

const description = `Creates the stream if there is none, waits until it is active, and sends clicks with PutRecords: random ones, dealt
out evenly to all shards, or those of --input. What Kinesis refuses is sent again until it is stored.

--input takes JSON lines, objects with a string "resource", each sent as it stands, or a combined access log of
nginx or Apache, each line made a click. The resource is the partition key (its SHA-256 where it is empty or longer
than 256 characters). Empty lines are passed over. A bad line is counted and named by its number; the run goes on
and ends with exit code 4.

--listen takes clicks by HTTP instead: POST / with a JSON object or an array of them, at most 1 MiB, as web pages send
them with navigator.sendBeacon. It answers 200 when the stream has them, 4xx when it takes none of them, 503 or 504 when
they are not stored, or not yet. GET /health answers 200. Browsers let a page of another origin read the answers
only with --cors.

With --in-flight 1 the records of one partition key keep their order from request to request; with more they do not,
unless --order-by-key asks for it.

A signal ends it: what has been taken is sent for 5 seconds more, or until a second signal. How many records are not
stored then, which is the first, and how far the input was read, is printed; --spill keeps the records. A third signal
ends it at once, and keeps nothing.

Exit codes: 0 done, 1 failed, 2 wrong usage or an error that cannot pass, 4 done but some lines were refused,
129, 130 and 143 stopped by SIGHUP, SIGINT and SIGTERM.`

// Command returns the command produce.
func Command() *cli.Command {
	return &cli.Command{
		Name:        "produce",
		Usage:       "send clicks to the stream: random ones, or those of a file",
		Description: description,
		Flags: append(settings.Flags("streamName", "streamArn", "regionName", "shards", "recordsToWritePerBatch", "putRecordsTps",
			"aggregation", "orderByKey", "shardLimits", "recordTtlMillis", "waitBetweenDescribeCallsInSeconds", "kinesisEndpoint"),
			&cli.StringFlag{Name: "input", Usage: "send the clicks of `FILE`, - for standard input (default: random clicks)"},
			&cli.StringFlag{Name: "input-format", Usage: "`FORMAT` of the input: jsonl, combined, or auto, by its first line", Value: "auto"},
			&cli.StringFlag{Name: "listen", Usage: "take clicks by HTTP at `ADDRESS`, such as 127.0.0.1:8080, instead of an input"},
			&cli.StringFlag{Name: "cors", Usage: "let web pages of `ORIGIN` read the answers to --listen, * for any", DefaultText: "none"},
			&cli.StringFlag{Name: "spill", Usage: "write the records that are not stored to `FILE`, which must not be there yet; --input takes it", TakesFile: true},
			&cli.Int64Flag{Name: "records", Usage: "stop after `N` records are stored", DefaultText: "0, no end, or the input's"},
			&cli.IntFlag{Name: "in-flight", Usage: "send `N` requests at once; more than 1 gives up the order of records, unless --order-by-key", Value: 1},
			&cli.Uint64Flag{Name: "seed", Usage: "make the random clicks of `SEED`, the same ones every time", DefaultText: "others every time"},
			&cli.StringFlag{Name: "summary", Usage: "write what was sent to `FILE` as JSON", TakesFile: true},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print errors only"},
		),
		Action: action,
	}
}

func action(c *cli.Context) error {
	if c.NArg() > 0 {
		return exit.With(exit.Usage, fmt.Errorf("unexpected argument %q; a file of clicks is given by --input", c.Args().First()))
	}
	set, err := settings.Load(c)
	if err != nil {
		return err
	}
	clients, err := awsclient.Load(c.Context, set)
	if err != nil {
		return err
	}
	cfg := config(c, set)
	cfg.Kinesis = clients.Kinesis
	if cfg.InputFormat, err = click.ParseFormat(c.String("input-format")); err != nil {
		return exit.With(exit.Usage, err)
	}
	closeInput, err := openInput(c, &cfg)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	defer closeInput()
	if err := listen(c, &cfg); err != nil {
		return exit.With(exit.Usage, err)
	}
	return Run(c.Context, cfg)
}

func config(c *cli.Context, set *properties.Config) Config {
	cfg := Config{
		Stream: set.StreamName, StreamARN: set.StreamArn, Shards: set.Shards,
		DescribeWait: time.Duration(set.WaitBetweenDescribeCallsInSeconds) * time.Second,
		Batch:        set.RecordsToWritePerBatch, TPS: set.PutRecordsTps, InFlight: c.Int("in-flight"), Records: c.Int64("records"),
		Seed: c.Uint64("seed"), Out: c.App.Writer, Err: c.App.ErrWriter, Live: isTerminal(c.App.Writer),
		Aggregate: set.Aggregation, OrderByKey: set.OrderByKey, ShardLimits: set.ShardLimits, TimeToLive: time.Duration(set.RecordTTLMillis) * time.Millisecond,
		Quiet: c.Bool("quiet"), Summary: c.String("summary"), Spill: c.String("spill"), Origin: c.String("cors"),
	}
	if !c.IsSet("seed") {
		cfg.Seed = uint64(time.Now().UnixNano())
	}
	return cfg
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// openInput sets the input and returns what closes it. Standard input stays open.
func openInput(c *cli.Context, cfg *Config) (func(), error) {
	switch name := c.String("input"); name {
	case "":
		return func() {}, nil
	case "-":
		cfg.Input, cfg.InputName = c.App.Reader, "standard input"
		return func() {}, nil
	default:
		file, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("open the input: %w", err)
		}
		if info, err := file.Stat(); err == nil && info.IsDir() {
			_ = file.Close()
			return nil, fmt.Errorf("open the input: %s is a folder", name)
		}
		cfg.Input, cfg.InputName = file, name
		return func() { _ = file.Close() }, nil
	}
}

// listen opens the address to listen at, if there is one.
func listen(c *cli.Context, cfg *Config) error {
	address := c.String("listen")
	switch {
	case address == "" && cfg.Origin != "":
		return errors.New("--cors is for --listen")
	case address == "":
		return nil
	case cfg.Input != nil || cfg.Records > 0:
		return errors.New("--listen goes with neither --input nor --records")
	}
	listener, err := new(net.ListenConfig).Listen(c.Context, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen at %s: %w", address, err)
	}
	cfg.Listen, cfg.InputName = listener, "HTTP"
	return nil
}
