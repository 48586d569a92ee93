package consume

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"clickstream/internal/exit"
	"clickstream/internal/logging"
	"clickstream/internal/settings"
	"clickstream/kcl"
)

// gcPercent is for a process of which there is one for each shard: it makes little garbage, so that collecting it sooner costs nothing.
const gcPercent = 50

const logLevelFlag = "log-level"

// Command returns the consume command.
func Command() *cli.Command {
	return &cli.Command{
		Name:  "consume",
		Usage: "store one shard's records in S3; a MultiLangDaemon starts it",
		Description: "The record processor. A MultiLangDaemon (clickstream daemon, or the Java one by clickstream bootstrap)\n" +
			"starts one process of it for each shard, as executableName in the properties file says, and speaks with\n" +
			"it on standard input and output. It logs to logs/application-<shardId>.log.",
		Flags: append(settings.Flags("streamName", "streamArn", "regionName", "applicationName", "bucket", "bucketRegion",
			"createBucketIfNotPresent", "maxBufferSize", "maxBufferAgeMillis", "keyTemplate", "format", "compression",
			"serverSideEncryption", "kmsKeyId", "storageClass", "objectTags", "metricsAddress"),
			&cli.StringFlag{
				Name: logLevelFlag, Value: "info", EnvVars: []string{"CLICKSTREAM_LOG_LEVEL"},
				Usage: "what is logged: error, warn, info, debug (a line for each object) or trace",
			},
			&cli.BoolFlag{Name: "health", Usage: "process nothing; ask the record processors at metricsAddress whether they answer: exit code 0, or 1 if one hangs"}),
		Action: action,
	}
}

func action(c *cli.Context) error {
	if c.Args().Present() {
		return exit.With(exit.Usage, errors.New("consume takes no arguments, only flags; see clickstream consume --help"))
	}
	if c.Bool("health") {
		return health(c)
	}
	if input, ok := c.App.Reader.(*os.File); ok && term.IsTerminal(int(input.Fd())) {
		return exit.With(exit.Usage, errors.New("a MultiLangDaemon starts this, one process for each shard, and speaks with it on standard input: "+
			"run \"clickstream daemon -p sample.properties\", or \"clickstream bootstrap -p sample.properties -e\" for the Java daemon; "+
			"both start what executableName in the properties file says"))
	}
	config, err := settings.Load(c)
	if err != nil {
		return err
	}
	log, err := logging.New(c.App.ErrWriter, c.String(logLevelFlag))
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	out, restore, err := wire(c.App.Writer)
	if err != nil {
		return err
	}
	defer restore()
	// A crash of Go's runtime, or SIGQUIT, would otherwise end with exit code 2, which tells the daemon that trying again is no use.
	debug.SetTraceback("crash")
	// A signal to the process group reaches the daemon too, which says by messages and by the end of input when it is time to stop.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	return Run(context.WithoutCancel(c.Context), Config{
		Settings: config, In: c.App.Reader, Out: out, Log: log, LogLevel: c.String(logLevelFlag),
	})
}

func health(c *cli.Context) error {
	config, err := settings.Load(c)
	if err != nil {
		return err
	}
	answered, err := Health(c.Context, config)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.App.Writer, "%d record processors answer\n", answered)
	return err
}

// wire keeps standard output for the daemon alone. Other writers, those of tests, are taken as they are.
func wire(w io.Writer) (io.Writer, func(), error) {
	if file, ok := w.(*os.File); !ok || file.Fd() != uintptr(syscall.Stdout) {
		return w, func() {}, nil
	}
	return kcl.GuardStdout()
}
