package verify

import (
	"errors"

	"github.com/urfave/cli/v2"

	"clickstream/internal/exit"
	"clickstream/internal/settings"
)

// Command returns the verify command.
func Command() *cli.Command {
	return &cli.Command{
		Name:  "verify",
		Usage: "prove that each record of the stream is in exactly one object",
		Description: "For each shard: the objects form one chain, without gap or overlap, up to the checkpoint; each object's\n" +
			"bytes are those that were stored; and where the stream still keeps the records they are read again and\n" +
			"compared. Exit code 3 where that is not so, with the object named, or where a checkpoint is of another stream.",
		Flags: append(settings.Flags("streamName", "streamArn", "regionName", "applicationName", "tableName", "bucket", "bucketRegion",
			"keyTemplate", "initialPositionInStream", "kinesisEndpoint", "dynamoDBEndpoint"),
			&cli.BoolFlag{Name: "json", Usage: "print the report as JSON"}),
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return exit.With(exit.Usage, errors.New("verify takes no arguments, only flags; see clickstream verify --help"))
			}
			config, err := settings.Load(c)
			if err != nil {
				return err
			}
			return Run(c.Context, Config{Settings: config, Out: c.App.Writer, JSON: c.Bool("json")})
		},
	}
}
