package bootstrap

import (
	"errors"

	"github.com/urfave/cli/v2"

	"clickstream/internal/exit"
	"clickstream/properties"
)

// Command returns the bootstrap command.
func Command() *cli.Command {
	return &cli.Command{
		Name:  "bootstrap",
		Usage: "print the command that starts the Java MultiLangDaemon",
		Description: "Prints a command line that works when pasted. Where -p names " + properties.SampleName + " and there is none, it is written first,\n" +
			"with every setting and a comment on each.",
		Flags: []cli.Flag{
			&cli.StringFlag{
				Name: "properties", Aliases: []string{"p"}, TakesFile: true, EnvVars: []string{"CLICKSTREAM_PROPERTIES"},
				Usage: "the daemon's and clickstream's settings are in `FILE`", DefaultText: "./" + properties.SampleName,
			},
			&cli.StringFlag{
				Name: "log-configuration", Aliases: []string{"l"}, TakesFile: true,
				Usage: "the daemon logs as the logback `FILE` says", DefaultText: "the daemon's own, to the console",
			},
			&cli.StringFlag{
				Name: "jar-path", Aliases: []string{"c"}, TakesFile: true,
				Usage: "the daemon's jars are in `DIR`", DefaultText: "./jars",
			},
			&cli.StringFlag{
				Name: "java", Aliases: []string{"j"}, TakesFile: true,
				Usage: "the java `PROGRAM`", DefaultText: "$JAVA_HOME/bin/java, else java on the PATH",
			},
			&cli.BoolFlag{Name: "execute", Aliases: []string{"e"}, Usage: "fetch the jars and run the command"},
		},
		Action: action,
	}
}

func action(c *cli.Context) error {
	if c.Args().Present() {
		return exit.With(exit.Usage, errors.New("bootstrap takes no arguments, only flags; see clickstream bootstrap --help"))
	}
	return Run(c.Context, Config{
		Properties: c.String("properties"), LogConfiguration: c.String("log-configuration"),
		JarPath: c.String("jar-path"), Java: c.String("java"), Execute: c.Bool("execute"),
		Out: c.App.Writer, Err: c.App.ErrWriter,
	})
}
