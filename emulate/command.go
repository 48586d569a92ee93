package emulate

import "github.com/urfave/cli/v2"

// Command is `clickstream emulator`.
func Command() *cli.Command {
	return &cli.Command{
		Name:  "emulator",
		Usage: "serve emulated Kinesis, DynamoDB, S3, CloudWatch and STS on one port",
		Description: "Holds everything in memory, and in a folder with --data-dir, until it is stopped by SIGINT or SIGTERM, which is exit code 0.\n" +
			"Prints what to paste into other terminals so that every AWS tool there uses it.",
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "port", Value: DefaultPort, EnvVars: []string{"CLICKSTREAM_PORT"}, Usage: "`PORT` to listen on; 0 picks a free one"},
			&cli.StringFlag{Name: "host", Value: DefaultHost, EnvVars: []string{"CLICKSTREAM_HOST"}, Usage: "`ADDRESS` to listen on"},
			&cli.DurationFlag{Name: "create-delay", EnvVars: []string{"CLICKSTREAM_CREATE_DELAY"}, Usage: "`TIME` that streams are CREATING, UPDATING and DELETING, such as 5s"},
			&cli.DurationFlag{Name: "time-offset", EnvVars: []string{"CLICKSTREAM_TIME_OFFSET"}, Usage: "let the emulated time be ahead of the machine's by `TIME`, such as 24h"},
			&cli.StringSliceFlag{Name: "auth", EnvVars: []string{"CLICKSTREAM_AUTH"}, Usage: "take only requests signed by `KEY:SECRET`, or by keys that AssumeRole gave; may be given several times"},
			&cli.BoolFlag{Name: "tls", EnvVars: []string{"CLICKSTREAM_TLS"}, Usage: "speak TLS, by an authority made for this run, and print where its certificate is"},
			&cli.BoolFlag{Name: "throttle", EnvVars: []string{"CLICKSTREAM_THROTTLE"}, Usage: "let shards refuse more than 1,000 records or 1 MiB a second, as the real ones do"},
			&cli.StringSliceFlag{Name: "fault", EnvVars: []string{"CLICKSTREAM_FAULT"}, Usage: "let requests go wrong by `RULE`, such as 'kinesis:PutRecords rate=0.1 throttle'; may be given several times"},
			&cli.StringFlag{Name: "faults", EnvVars: []string{"CLICKSTREAM_FAULTS"}, Usage: "take such rules from `FILE`, one a line"},
			&cli.Uint64Flag{Name: "fault-seed", EnvVars: []string{"CLICKSTREAM_FAULT_SEED"}, Usage: "begin the chance of these rules at `NUMBER`"},
			&cli.StringFlag{Name: "init", EnvVars: []string{"CLICKSTREAM_INIT"}, Usage: "create the streams, tables and buckets of `FILE`, a JSON document, before anything is served"},
			&cli.BoolFlag{Name: "localstack", EnvVars: []string{"CLICKSTREAM_LOCALSTACK"}, Usage: "stand in for LocalStack: its port, 4566, unless --port is given, and its health address"},
			&cli.PathFlag{Name: "data-dir", EnvVars: []string{"CLICKSTREAM_DATA_DIR"}, Usage: "keep everything in `FOLDER`: what was acknowledged is there after a restart, however the process ended"},
			&cli.BoolFlag{Name: "data-dir-sync", EnvVars: []string{"CLICKSTREAM_DATA_DIR_SYNC"}, Usage: "wait for the disk with each change, so that it survives a failure of the power too"},
			&cli.BoolFlag{Name: "data-dir-repair", EnvVars: []string{"CLICKSTREAM_DATA_DIR_REPAIR"}, Usage: "leave out what is damaged in the folder, and say what that is; it is an error otherwise"},
			&cli.StringFlag{Name: "data-dir-compact-at", EnvVars: []string{"CLICKSTREAM_DATA_DIR_COMPACT_AT"}, Usage: "replace changes by a snapshot from `SIZE` of them on (default: 64MiB)"},
			&cli.StringFlag{Name: "max-memory", EnvVars: []string{"CLICKSTREAM_MAX_MEMORY"}, Usage: "hold at most `SIZE` of records, items and objects, such as 512MiB, 1MiB at least, and refuse more as the services do"},
			&cli.StringFlag{Name: "health", Usage: "serve nothing; ask whether the emulator at `URL` is ready, which is exit code 0, or 1 if it is not"},
		},
		Action: func(c *cli.Context) error {
			if url := c.String("health"); url != "" {
				return Health(c.Context, url)
			}
			port := c.Int("port")
			if c.Bool("localstack") && !c.IsSet("port") {
				port = LocalStackPort
			}
			return Run(c.Context, Config{
				Faults: c.StringSlice("fault"), FaultFile: c.String("faults"), FaultSeed: c.Uint64("fault-seed"),
				Init: c.String("init"), LocalStack: c.Bool("localstack"),
				Host: c.String("host"), Port: port, CreateDelay: c.Duration("create-delay"), TimeOffset: c.Duration("time-offset"), Throttle: c.Bool("throttle"), TLS: c.Bool("tls"), Auth: c.StringSlice("auth"),
				Keep: Keep{
					Dir: c.Path("data-dir"), Sync: c.Bool("data-dir-sync"), Repair: c.Bool("data-dir-repair"), CompactAt: c.String("data-dir-compact-at"),
					MaxMemory: c.String("max-memory"),
				},
				Arguments: c.Args().Slice(), Output: c.App.Writer,
			})
		},
	}
}
