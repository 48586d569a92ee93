package local

import (
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"clickstream/bootstrap/jars"
	"clickstream/internal/exit"
	"clickstream/internal/settings"
	"clickstream/properties"
)

// Command returns `clickstream local`.
func Command() *cli.Command {
	return &cli.Command{
		Name:  "local",
		Usage: "run the whole pipeline on this machine, with nothing installed, and prove that no click was lost or stored twice",
		Description: "Starts an emulator of AWS in this process, and producer, daemon and one consumer per shard as processes of their own.\n" +
			"Ends with a table per shard and a verified count. Unlike `produce`, it sends full batches (500), several at once and\n" +
			"unpaced, and batches are closed after 1 s, unless told otherwise. All that is stored stays in memory (about 250 bytes\n" +
			"a click of 70 bytes) until it ends.",
		Flags:  append(ownFlags(), defaults().Flags(settingKeys()...)...),
		Action: action,
	}
}

const kclVersionVariable = "CLICKSTREAM_KCL_VERSION"

func ownFlags() []cli.Flag {
	return []cli.Flag{
		&cli.Int64Flag{Name: "records", Aliases: []string{"n"}, Usage: "stop after sending `N` clicks", DefaultText: fmt.Sprintf("%d, without --input or --for", DefaultRecords)},
		&cli.StringFlag{Name: "input", Aliases: []string{"i"}, Usage: "send the clicks in `FILE`, - for standard input: JSON lines or a combined access log"},
		&cli.DurationFlag{Name: "for", Usage: "produce for `DURATION`, such as 30s", DefaultText: "no limit"},
		&cli.IntFlag{Name: "in-flight", Value: 4, Usage: "`N` PutRecords requests at once"},
		&cli.StringFlag{Name: "export", Usage: "copy the bucket's data objects to `DIR`, which must be empty or new"},
		&cli.BoolFlag{Name: "keep", Usage: "stay up afterwards, and print how to look around"},
		&cli.BoolFlag{Name: "cpu", Usage: "say how much CPU time each part took"},
		&cli.StringFlag{Name: "daemon", Value: daemonGo, Usage: "read the stream by `DAEMON`: go, clickstream's own, or java, the KCL's, which needs Java and fetches its jars"},
		&cli.StringFlag{
			Name: "kcl-version", EnvVars: []string{kclVersionVariable}, DefaultText: jars.DefaultVersion,
			Usage: "with --daemon java: run KCL `VERSION`, " + strings.Join(jars.Versions(), " or "),
		},
		&cli.IntFlag{Name: "port", Usage: "`PORT` of the emulator on 127.0.0.1", DefaultText: "0, any free one"},
	}
}

func settingKeys() []string {
	return []string{
		"streamName", "applicationName", "regionName", "shards", "recordsToWritePerBatch", "putRecordsTps", "bucket",
		"maxBufferSize", "maxBufferAgeMillis", "keyTemplate", "format", "compression", "retrievalMode", "idleTimeBetweenReadsInMillis", "maxRecords",
	}
}

func action(c *cli.Context) error {
	if c.Args().Present() {
		return exit.With(exit.Usage, fmt.Errorf("unexpected argument %q; clicks come from --input FILE or - for standard input", c.Args().First()))
	}
	if err := checkFlags(c); err != nil {
		return exit.With(exit.Usage, err)
	}
	config, err := defaults().Load(c)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	here(config)
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("this program's own file, which the producer and the daemon run from, was not found: %w", err)
	}
	return Run(c.Context, Config{
		Settings: config,
		Records:  c.Int64("records"), Input: c.String("input"), For: c.Duration("for"),
		InFlight: c.Int("in-flight"), Export: c.String("export"), Keep: c.Bool("keep"), Port: c.Int("port"), CPU: c.Bool("cpu"),
		Daemon: c.String("daemon"), KCLVersion: c.String("kcl-version"), Executable: executable,
		Stdin: c.App.Reader, Stdout: c.App.Writer, Stderr: c.App.ErrWriter,
	})
}

// checkFlags refuses flags that would say nothing: left out they mean something else, or they would not be looked at.
func checkFlags(c *cli.Context) error {
	if c.IsSet("records") && c.Int64("records") == 0 && !c.IsSet("for") && !c.IsSet("input") { // beside these it is no limit, as it is to produce
		return badRecords(0)
	}
	if c.IsSet("for") && c.Duration("for") == 0 {
		return badDuration(0)
	}
	// The environment may name a version for bootstrap alone.
	if version := c.String("kcl-version"); version != "" && version != os.Getenv(kclVersionVariable) && c.String("daemon") != daemonJava {
		return fmt.Errorf("--kcl-version %s: only the Java daemon has one; add --daemon %s", version, daemonJava)
	}
	return nil
}

// defaults is what a run on one machine does differently where neither flag nor environment says how. The properties file does not
// count: it is written for AWS, where five records twenty times a second are polite.
func defaults() settings.Defaults {
	return settings.Defaults{
		"recordsToWritePerBatch": "500", "putRecordsTps": "0", "maxBufferAgeMillis": "1000", "idleTimeBetweenReadsInMillis": "100",
		"retrievalMode": properties.RetrievalPolling,
	}
}

// here sets what has to be so on one machine.
func here(config *properties.Config) {
	if config.RegionName == "" {
		config.RegionName = properties.DefaultRegion
	}
	config.CallProcessRecordsEvenForEmptyRecordList = true // an idle shard's last batch is closed by age
	config.ParentShardPollIntervalMillis = 500
	config.ShardSyncIntervalMillis = 1000
	config.FailoverTimeMillis = 2000
	config.ShutdownGraceMillis = 20000
	config.WaitBetweenDescribeCallsInSeconds = 1
	// The stream and the bucket are new and in the emulator, to which AWS_ENDPOINT_URL leads.
	config.KinesisEndpoint, config.DynamoDBEndpoint, config.StreamArn, config.BucketRegion = "", "", "", ""
	config.CreateBucketIfNotPresent = true
	config.InitialPositionInStream, config.InitialPositionInStreamExtended = properties.PositionTrimHorizon, 0
	config.MetricsLevel = properties.MetricsNone
}
