package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"clickstream/internal/exit"
	"clickstream/internal/settings"
)

// Command returns the command iam of bootstrap.
func Command() *cli.Command {
	return &cli.Command{
		Name:  "iam",
		Usage: "print the IAM policy that these settings need, and no more",
		Description: "Prints a policy for what --for names, one or several with commas between them: produce; consume, the\n" +
			"record processor; bootstrap, the Java daemon, and daemon, clickstream's own, each with the consume\n" +
			"that it starts; verify; cleanup; or all. No resource needs to be there. The account's number\n" +
			"comes from --account, else from streamArn, else from STS.",
		Flags: append(settings.Flags("streamName", "streamArn", "regionName", "applicationName", "tableName", "bucket", "bucketRegion",
			"createBucketIfNotPresent", "keyTemplate", "serverSideEncryption", "kmsKeyId", "objectTags", "retrievalMode", "metricsLevel"),
			&cli.StringFlag{Name: "for", Usage: "allow what `PURPOSE` needs", Value: string(All)},
			&cli.StringFlag{Name: "account", Usage: "name the resources of account `NUMBER`", DefaultText: "that of the credentials"},
		),
		Action: action,
	}
}

func action(c *cli.Context) error {
	if c.Args().Present() {
		return exit.With(exit.Usage, errors.New("bootstrap iam takes no arguments, only flags; see clickstream bootstrap iam --help"))
	}
	purposes, err := parse(c.String("for"))
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	config, err := settings.Load(c)
	if err != nil {
		return err
	}
	names, err := Find(c.Context, config, c.String("account"))
	if err != nil {
		return err
	}
	return names.Build(purposes...).Write(c.App.Writer)
}

func parse(list string) ([]Purpose, error) {
	var purposes []Purpose
	for word := range strings.SplitSeq(list, ",") {
		purpose := Purpose(strings.TrimSpace(word))
		if !slices.Contains(Purposes(), purpose) {
			return nil, fmt.Errorf("--for knows no %q, only %v", purpose, strings.Trim(fmt.Sprint(Purposes()), "[]"))
		}
		purposes = append(purposes, purpose)
	}
	return purposes, nil
}
