package doctor

import (
	"errors"

	"github.com/urfave/cli/v2"

	"clickstream/bootstrap/jars"
	"clickstream/internal/exit"
	"clickstream/internal/settings"
)

// Command returns the command doctor of bootstrap.
func Command() *cli.Command {
	return &cli.Command{
		Name:  "doctor",
		Usage: "find out why the daemon would not run, and what to do about it",
		Description: "Looks at Java and the jars, credentials, region and clock, the stream, the lease table, the bucket,\n" +
			"CloudWatch, and what IAM does not allow. It changes nothing, but for one small object that it writes\n" +
			"into the bucket and removes again. Exit code 0 if all is in order or only warned of, 1 if something fails.",
		Flags: append(settings.Flags("streamName", "streamArn", "regionName", "applicationName", "tableName", "bucket", "bucketRegion",
			"createBucketIfNotPresent", "keyTemplate", "serverSideEncryption", "kmsKeyId", "retrievalMode", "metricsLevel", "kinesisEndpoint",
			"dynamoDBEndpoint"),
			&cli.StringFlag{
				Name: "java", Aliases: []string{"j"}, TakesFile: true,
				Usage: "the java `PROGRAM`", DefaultText: "$JAVA_HOME/bin/java, else java on the PATH",
			},
			&cli.StringFlag{Name: "jar-path", Aliases: []string{"c"}, TakesFile: true, Usage: "the daemon's jars are in `DIR`", DefaultText: "the user's cache"},
			&cli.StringFlag{
				Name: "kcl-version", EnvVars: []string{"CLICKSTREAM_KCL_VERSION"}, DefaultText: jars.DefaultVersion,
				Usage: "the jars are those of KCL `VERSION`, one whose lock is built in",
			},
			&cli.StringFlag{Name: "lock", TakesFile: true, Usage: "the jars are those that the lock `FILE` names (see bootstrap lock)"},
			&cli.BoolFlag{Name: "json", Usage: "print the findings as JSON"},
		),
		Action: action,
	}
}

func action(c *cli.Context) error {
	if c.Args().Present() {
		return exit.With(exit.Usage, errors.New("bootstrap doctor takes no arguments, only flags; see clickstream bootstrap doctor --help"))
	}
	config, err := settings.Load(c)
	if err != nil {
		return err
	}
	lock, err := lock(c)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	return Run(c.Context, Config{
		Settings: config, Java: c.String("java"), Jars: jars.Options{Lock: lock, Dir: c.String("jar-path")},
		Out: c.App.Writer, JSON: c.Bool("json"),
	})
}

func lock(c *cli.Context) (*jars.Lock, error) {
	if c.String("lock") != "" {
		return jars.ReadLock(c.String("lock"))
	}
	return jars.Embedded(c.String("kcl-version"))
}
