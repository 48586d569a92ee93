package daemon

import (
	"fmt"
	"strconv"

	"github.com/urfave/cli/v2"

	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/internal/logging"
	"clickstream/internal/settings"
	"clickstream/internal/worker"
	"clickstream/properties"
)

// Command returns the command daemon.
func Command() *cli.Command {
	flags := settings.Flags("streamName", "streamArn", "regionName", "applicationName", "tableName", "executableName", "workerId",
		"kinesisEndpoint", "dynamoDBEndpoint", "initialPositionInStream", "initialPositionInStreamExtended", "retrievalMode",
		"fanoutConfig.consumerName", "fanoutConfig.consumerArn", "maxRecords",
		"idleTimeBetweenReadsInMillis", "callProcessRecordsEvenForEmptyRecordList", "failoverTimeMillis", "shardSyncIntervalMillis",
		"parentShardPollIntervalMillis", "cleanupLeasesUponShardCompletion", "taskBackoffTimeMillis", "shutdownGraceMillis",
		"timeoutInSeconds")
	flags = append(flags, &cli.StringFlag{
		Name: "log-level", Value: "warn", Usage: "log on standard error what is at least `LEVEL`: error, warn, info, debug or trace",
		EnvVars: []string{"CLICKSTREAM_DAEMON_LOG_LEVEL"},
	})
	flags = append(flags, &cli.BoolFlag{Name: "stop", Usage: "stop the daemon of this application on this machine, and wait until it has ended"})
	return &cli.Command{
		Name:  "daemon",
		Usage: "run one record processor per shard of the stream, on this machine",
		Description: "Reads the stream by polling, or by fan-out with retrievalMode FANOUT, and gives its records to child processes\n" +
			"(executableName), as the Java MultiLangDaemon does: same properties file, same line protocol, same lease table, so\n" +
			"one can take over from the other. It never takes leases from a worker that is alive; to share a stream among machines use the Java daemon\n" +
			"(clickstream bootstrap). SIGINT, SIGTERM and SIGHUP let the record processors store what they hold.",
		Flags:  flags,
		Action: action,
	}
}

func action(c *cli.Context) error {
	if c.Args().Present() {
		return exit.With(exit.Usage, fmt.Errorf("unexpected argument %q", c.Args().First()))
	}
	config, err := settings.Load(c)
	if err != nil {
		return err
	}
	if c.Bool("stop") {
		return worker.Stop(c.Context, config, func(format string, args ...any) { _, _ = fmt.Fprintf(c.App.ErrWriter, format+"\n", args...) })
	}
	log, err := logging.New(c.App.ErrWriter, c.String("log-level"))
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	clients, err := awsclient.Load(c.Context, config)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	return Run(c.Context, Config{
		Settings: config, ChildEnvironment: flagsAsEnvironment(c, config.Path), Kinesis: clients.Kinesis, DynamoDB: clients.DynamoDB,
		Log: log, Out: c.App.Writer, Err: c.App.ErrWriter,
	})
}

// flagsAsEnvironment returns the environment variables that say to a child what the flags and the file said to the daemon, so that a
// clickstream child works for the same stream and application. (The daemon's own environment reaches it anyway.)
func flagsAsEnvironment(c *cli.Context, file string) []string {
	var all []string
	for _, setting := range properties.Settings() {
		if !c.IsSet(setting.Flag) {
			continue
		}
		value := c.String(setting.Flag)
		if setting.Kind == properties.Boolean {
			value = strconv.FormatBool(c.Bool(setting.Flag))
		}
		all = append(all, setting.Env+"="+value)
	}
	if file != "" {
		all = append(all, "CLICKSTREAM_PROPERTIES="+file)
	}
	return all
}
