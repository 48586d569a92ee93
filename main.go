// Command clickstream moves clicks from a producer through Kinesis into S3, each into exactly one object: producer, record
// processor, daemon, an emulator of the AWS services they need, and the proof that nothing was lost. See README.md.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"clickstream/about"
	"clickstream/bootstrap"
	_ "clickstream/bootstrap/jars/ahead/start" // before main
	"clickstream/cleanup"
	"clickstream/consume"
	"clickstream/daemon"
	"clickstream/emulate"
	"clickstream/internal/commandline"
	"clickstream/internal/exit"
	"clickstream/local"
	"clickstream/produce"
	"clickstream/verify"
)

func main() {
	ctx, listening := withSignals(context.Background())
	// Bootstrap has all cores at work on its jars, and the thread that listens may wait some milliseconds for one. Nothing is there yet that would
	// have to end in order.
	if commandName(os.Args) != " bootstrap" {
		<-listening
	}
	os.Exit(run(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program: it returns the exit code. Only main exits, but for a second signal to stop, which ends the
// process where it stands.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	err := commandline.Run(ctx, app(args, stdin, stdout, stderr), args)
	if _, stopped := errors.AsType[*exit.Signal](err); err != nil && !stopped {
		_, _ = fmt.Fprintf(stderr, "clickstream%s: %v\n", commandName(args), err)
	}
	return exit.Code(err)
}

// app declares the program: its streams and the commands that args may mean.
func app(args []string, stdin io.Reader, stdout, stderr io.Writer) *cli.App {
	return &cli.App{
		Name:         "clickstream",
		Usage:        "clicks through Kinesis into S3, each stored exactly once",
		UsageText:    "clickstream COMMAND [options]   (clickstream COMMAND --help lists a command's options)",
		Description:  "Exit codes: 0 done, 1 failed, 2 wrong usage or an error that cannot pass,\n3 verify found a gap or a double, 4 done but some input lines were refused,\n129, 130 and 143 stopped by SIGHUP, SIGINT and SIGTERM.",
		Reader:       stdin,
		Writer:       stdout,
		ErrWriter:    stderr,
		OnUsageError: usageError,
		Action:       noCommand,
		Commands:     commands(args),
	}
}

// commands returns the command that args begin with alone, as its start would wait for the flags of the others, or else all of them: help,
// completion and the manual may speak of any.
func commands(args []string) []*cli.Command {
	all := []struct {
		name string
		make func() *cli.Command
	}{
		{"local", local.Command},
		{"produce", produce.Command},
		{"consume", consume.Command},
		{"daemon", daemon.Command},
		{"bootstrap", bootstrap.Command},
		{"emulator", emulate.Command},
		{"verify", verify.Command},
		{"cleanup", cleanup.Command},
	}
	var made []*cli.Command
	for _, command := range all {
		if len(args) > 1 && command.name == args[1] {
			return prepared([]*cli.Command{command.make()})
		}
	}
	for _, command := range all {
		made = append(made, command.make())
	}
	return prepared(append(made, about.Commands()...))
}

// prepared gives commands and those below them this program's manners.
func prepared(all []*cli.Command) []*cli.Command {
	for _, command := range all {
		command.OnUsageError = usageError
		prepared(command.Subcommands)
	}
	return all
}

// usageError gives wrong flags exit code 2 and one sentence instead of a page of help.
func usageError(c *cli.Context, err error, _ bool) error {
	help := "clickstream --help"
	if c.Command != nil && c.Command.Name != "" && c.Command.Name != c.App.Name {
		help = cmp.Or(c.Command.HelpName, "clickstream "+c.Command.Name) + " --help"
	}
	return exit.With(exit.Usage, fmt.Errorf("%w; see %s", err, help))
}

func noCommand(c *cli.Context) error {
	if name := c.Args().First(); name != "" {
		return commandline.NoCommand(c.Command, name)
	}
	return commandline.ShowHelp(c)
}

// commandName returns " name" of the command that args begin with for error messages, or "".
func commandName(args []string) string {
	if len(args) < 2 || args[1] == "" || strings.HasPrefix(args[1], "-") {
		return ""
	}
	return " " + args[1]
}

// together is how close two signals are that mean one stop: timeout(1) and other wrappers signal the process, and then its whole group.
const together = 200 * time.Millisecond

// withSignals returns a context that the first SIGINT, SIGTERM or SIGHUP cancels, with *exit.Signal as cause. A later one exits at once,
// unless the command has asked for one more (exit.Signal.OnAgain): on Linux the children follow by their parent-death signal. That holds from
// when listening is closed until the process ends: to take it back would take longer than the rest of an end.
func withSignals(parent context.Context) (ctx context.Context, listening <-chan struct{}) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	begun := make(chan struct{})
	go func() {
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
			signal.Notify(signals, syscall.SIGHUP)
		}
		close(begun)
		stop := &exit.Signal{Signal: <-signals}
		cancel(stop)
		for last := time.Now(); ; {
			next := <-signals
			if time.Since(last) <= together {
				continue
			}
			if !stop.Again() {
				os.Exit((&exit.Signal{Signal: next}).Code())
			}
			last = time.Now() // the group's may follow this one too
		}
	}()
	return ctx, begun
}
