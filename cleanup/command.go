package cleanup

import (
	"errors"
	"os"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"clickstream/internal/exit"
	"clickstream/internal/settings"
)

// Command returns the cleanup command.
func Command() *cli.Command {
	return &cli.Command{
		Name:  "cleanup",
		Usage: "delete the stream, the lease tables and the bucket that the other commands made",
		Description: "Shows what is there and how much of it, asks, and deletes: the stream, the lease table and the\n" +
			"tables that the Java daemon keeps beside it, the application's objects and the bucket. The bucket\n" +
			"stays where createBucketIfNotPresent is false or others keep objects in it.",
		Flags: append(settings.Flags("streamName", "streamArn", "regionName", "applicationName", "tableName", "bucket", "bucketRegion",
			"createBucketIfNotPresent", "keyTemplate", "kinesisEndpoint", "dynamoDBEndpoint"),
			&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "do not ask"},
			&cli.BoolFlag{Name: "dry-run", Aliases: []string{"n"}, Usage: "show what would be deleted and stop"},
			&cli.BoolFlag{Name: "all-objects", Usage: "delete every object of the bucket, also another application's and what clickstream did not write"},
		),
		Action: action,
	}
}

func action(c *cli.Context) error {
	if c.Args().Present() {
		return exit.With(exit.Usage, errors.New("cleanup takes no arguments, only flags; see clickstream cleanup --help"))
	}
	config, err := settings.Load(c)
	if err != nil {
		return err
	}
	input, ok := c.App.Reader.(*os.File)
	return Run(c.Context, Config{
		Settings: config, Out: c.App.Writer, In: c.App.Reader,
		Ask: ok && term.IsTerminal(int(input.Fd())),
		Yes: c.Bool("yes"), DryRun: c.Bool("dry-run"), AllObjects: c.Bool("all-objects"),
	})
}
