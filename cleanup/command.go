package cleanup

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

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
			"tables that the Java daemon keeps beside it, the application's objects in all their versions, and\n" +
			"the bucket. The bucket stays where createBucketIfNotPresent is false or others keep objects in it.\n" +
			"What was stopped half way is finished by running it again.",
		Flags: append(settings.Flags("streamName", "streamArn", "regionName", "applicationName", "tableName", "bucket", "bucketRegion",
			"createBucketIfNotPresent", "keyTemplate", "kinesisEndpoint", "dynamoDBEndpoint"),
			&cli.StringFlag{Name: "only", Usage: "look at `PARTS` only, with commas between them: " + strings.Join(Parts(), ", "), DefaultText: "all"},
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
	var only []string
	if c.IsSet("only") {
		var err error
		if only, err = parseOnly(c.String("only")); err != nil {
			return exit.With(exit.Usage, err)
		}
	}
	config, err := settings.Load(c)
	if err != nil {
		return err
	}
	return Run(c.Context, Config{
		Settings: config, Out: c.App.Writer, Live: terminal(c.App.Writer), In: c.App.Reader, Ask: terminal(c.App.Reader), Only: only,
		Yes: c.Bool("yes"), DryRun: c.Bool("dry-run"), AllObjects: c.Bool("all-objects"),
	})
}

func terminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

func parseOnly(list string) ([]string, error) {
	var only []string
	for part := range strings.SplitSeq(list, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if !slices.Contains(Parts(), part) {
			return nil, fmt.Errorf("--only knows no %q, only %s", part, strings.Join(Parts(), ", "))
		}
		only = append(only, part)
	}
	if len(only) == 0 {
		return nil, fmt.Errorf("--only names nothing, which would mean everything: leave it out, or name %s", strings.Join(Parts(), ", "))
	}
	return only, nil
}
