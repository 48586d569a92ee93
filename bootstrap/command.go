package bootstrap

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"clickstream/bootstrap/doctor"
	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/policy"
	"clickstream/internal/commandline"
	"clickstream/internal/exit"
	"clickstream/internal/settings"
	"clickstream/internal/worker"
	"clickstream/properties"
)

// Command returns the bootstrap command.
func Command() *cli.Command {
	return &cli.Command{
		Name:  "bootstrap",
		Usage: "run the Java MultiLangDaemon of the Kinesis Client Library",
		Description: "Fetches the daemon's jars, verifies them and prints the command that starts it; with -e it runs it. Where -p names\n" +
			properties.SampleName + " and there is none, it is written first, with every setting and a comment on each, and without\n" +
			"-e that is all. SIGINT, SIGTERM and SIGHUP let the record processors store what they hold: then the exit code is 0.",
		Flags:       append(settings.Flags(), append(runFlags(), jarFlags()...)...),
		Subcommands: onlyOwnFlags(doctor.Command(), policy.Command(), lockCommand(), bundleCommand()),
		Action:      action,
	}
}

func runFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name: "log-configuration", Aliases: []string{"l"}, TakesFile: true,
			Usage: "the daemon logs as the logback `FILE` says", DefaultText: "one that keeps " + DaemonLog + ", with rotation",
		},
		&cli.StringFlag{
			Name: "java", Aliases: []string{"j"}, TakesFile: true,
			Usage: "the java `PROGRAM`", DefaultText: "$JAVA_HOME/bin/java, else java on the PATH",
		},
		&cli.BoolFlag{Name: "execute", Aliases: []string{"e"}, Usage: "run the command"},
		&cli.BoolFlag{Name: "stop", Usage: "stop the daemon of this application on this machine that was started by -e, and wait until it has ended"},
		&cli.BoolFlag{
			Name: "take-leases", EnvVars: []string{"CLICKSTREAM_TAKE_LEASES"},
			Usage: "with -e: create and hold the leases of an application that has none, so that its first records come in seconds instead of minutes",
		},
	}
}

func jarFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name: "jar-path", Aliases: []string{"c"}, TakesFile: true,
			Usage: "the daemon's jars are in `DIR`, or come there", DefaultText: "the user's cache",
		},
		&cli.StringFlag{
			Name: "kcl-version", EnvVars: []string{"CLICKSTREAM_KCL_VERSION"}, DefaultText: jars.DefaultVersion,
			Usage: "run KCL `VERSION`, one whose lock is built in: " + strings.Join(jars.Versions(), ", "),
		},
		&cli.StringFlag{Name: "lock", TakesFile: true, Usage: "run the jars that the lock `FILE` names (see bootstrap lock)"},
		&cli.BoolFlag{Name: "sbom", Usage: "print the jars as a CycloneDX bill of materials instead"},
		&cli.BoolFlag{Name: "offline", Usage: "fetch nothing over the network"},
		&cli.StringFlag{Name: "bundle", TakesFile: true, Usage: "take the jars from `FILE` (see bootstrap bundle)"},
		&cli.StringFlag{
			Name: "maven-repository", EnvVars: []string{jars.RepositoryEnvironment},
			Usage: "fetch the jars from the Maven repository at `URL`, or in that folder, first",
		},
	}
}

// onlyOwnFlags has commands refuse flags that stand before their names, where they would be bootstrap's own and do nothing.
func onlyOwnFlags(commands ...*cli.Command) []*cli.Command {
	for _, command := range commands {
		command.Before = func(c *cli.Context) error {
			if all := c.Lineage(); len(all) > 1 && all[1].NumFlags() > 0 {
				return exit.With(exit.Usage, fmt.Errorf("flags go behind the command's name: clickstream bootstrap %s [options]", command.Name))
			}
			return nil
		}
	}
	return commands
}

// gcPercent lets a start get by without collecting garbage, which takes a core from the jars: it makes a few megabytes.
const gcPercent = 400

func action(c *cli.Context) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if c.Args().Present() {
		return commandline.NoCommand(c.Command, c.Args().First())
	}
	options, err := jarOptions(c)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	if c.Bool("sbom") {
		return printSBOM(c, options)
	}
	if c.Bool("stop") {
		return stopDaemon(c)
	}
	written, err := WriteSample(cmp.Or(c.String("properties"), os.Getenv(settings.FileEnvironment), properties.SampleName), c.App.ErrWriter)
	if err != nil || written && !c.Bool("execute") {
		return err
	}
	config, err := settings.Load(c)
	if err != nil {
		return err
	}
	return Run(c.Context, Config{
		Settings: config, Java: c.String("java"), Jars: options, LogConfiguration: c.String("log-configuration"),
		Execute: c.Bool("execute"), TakeLeases: c.Bool("take-leases"), Out: c.App.Writer, Err: c.App.ErrWriter,
	})
}

func stopDaemon(c *cli.Context) error {
	config, err := settings.Load(c)
	if err != nil {
		return err
	}
	return worker.Stop(c.Context, config, (&Config{Err: c.App.ErrWriter}).say)
}

func printSBOM(c *cli.Context, options jars.Options) error {
	if options.Lock == nil {
		return exit.With(exit.Usage, errors.New("--sbom needs to know the version: add --kcl-version or --lock"))
	}
	return options.Lock.SBOM(c.App.Writer)
}

// jarOptions reads which jars are wanted and where they come from.
func jarOptions(c *cli.Context) (jars.Options, error) {
	options := jars.Options{
		Dir: c.String("jar-path"), Repository: c.String("maven-repository"), Offline: c.Bool("offline"), Bundle: c.String("bundle"),
		Log: c.App.ErrWriter,
	}
	if file, ok := c.App.ErrWriter.(*os.File); ok {
		options.Terminal = term.IsTerminal(int(file.Fd()))
	}
	if c.String("lock") != "" && c.IsSet("kcl-version") {
		return options, errors.New("--lock and --kcl-version both say which version; leave one out")
	}
	var err error
	if options.Bundle != "" {
		if _, err = os.Stat(options.Bundle); err != nil {
			return options, fmt.Errorf("the bundle: %w", err)
		}
	}
	switch {
	case c.String("lock") != "":
		options.Lock, err = jars.ReadLock(c.String("lock"))
	case options.Bundle == "" || c.IsSet("kcl-version"):
		options.Lock, err = jars.Embedded(c.String("kcl-version"))
	}
	return options, err
}

func lockCommand() *cli.Command {
	return &cli.Command{
		Name: "lock", ArgsUsage: "VERSION",
		Usage: "make the lock of another KCL version from a Maven repository, for --lock, and print it",
		Flags: []cli.Flag{flagNamed("maven-repository"), flagNamed("offline")},
		Action: func(c *cli.Context) error {
			if c.Args().Len() != 1 {
				return exit.With(exit.Usage, errors.New("bootstrap lock takes the version, such as 3.1.3, and nothing behind it"))
			}
			lock, err := jars.Make(c.Context, c.Args().First(), jars.Options{
				Repository: c.String("maven-repository"), Offline: c.Bool("offline"), Log: c.App.ErrWriter,
			})
			if err != nil {
				return err
			}
			_, err = lock.WriteTo(c.App.Writer)
			return err
		},
	}
}

func bundleCommand() *cli.Command {
	return &cli.Command{
		Name: "bundle", ArgsUsage: "FILE",
		Usage: "write a version's jars into one file, for --bundle on machines without a network",
		Flags: []cli.Flag{flagNamed("jar-path"), flagNamed("kcl-version"), flagNamed("lock"), flagNamed("offline"), flagNamed("maven-repository")},
		Action: func(c *cli.Context) error {
			if c.Args().Len() != 1 {
				return exit.With(exit.Usage, errors.New("bootstrap bundle takes the name of the file to write, and nothing behind it"))
			}
			options, err := jarOptions(c)
			if err != nil {
				return exit.With(exit.Usage, err)
			}
			return jars.WriteBundle(c.Context, options, c.Args().First())
		},
	}
}

// flagNamed returns one of the flags of jars.
func flagNamed(name string) cli.Flag {
	for _, flag := range jarFlags() {
		if flag.Names()[0] == name {
			return flag
		}
	}
	panic("bootstrap has no flag " + name)
}
