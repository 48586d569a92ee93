package commandline_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"

	"clickstream/internal/commandline"
	"clickstream/internal/exit"
)

var errBefore = errors.New("not in front of it")

// program is one with what the package knows. It writes what it was called with to the buffer.
func program(out *bytes.Buffer) *cli.App {
	say := func(c *cli.Context) error {
		_, err := out.WriteString(strings.Join([]string{
			c.Command.HelpName, c.String("name"), strings.Join(c.StringSlice("tag"), "+"), map[bool]string{true: "on"}[c.Bool("x")],
			strings.Join(c.Args().Slice(), " "),
		}, "|"))
		return err
	}
	flags := []cli.Flag{
		&cli.StringFlag{Name: "name", Aliases: []string{"n", "called"}, Usage: "it is called `NAME`", EnvVars: []string{"COMMANDLINE_TEST_NAME"}},
		&cli.StringSliceFlag{Name: "tag", Aliases: []string{"t"}, Usage: "a tag"},
		&cli.BoolFlag{Name: "execute", Aliases: []string{"x"}, Usage: "do it"},
		&cli.BoolFlag{Name: "y", Usage: "yes"},
	}
	return &cli.App{
		Name: "tool", Usage: "does things", Writer: out,
		Commands: []*cli.Command{
			{Name: "do", Usage: "do one thing", Description: "First line.\n\nThird line.", Flags: flags, Action: say, Subcommands: []*cli.Command{
				{Name: "more", Aliases: []string{"m"}, Usage: "do another", ArgsUsage: "THING", Action: say, Before: func(c *cli.Context) error {
					if c.Lineage()[1].NumFlags() > 0 {
						return errBefore
					}
					return nil
				}},
			}},
			{Name: "undo", Usage: "undo: it", Flags: flags, Action: say},
		},
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"do":                               "tool do||||",
		"do --name a b --name c":           "tool do|a|||b --name c",
		"do -n a":                          "tool do|a|||",
		"do --called=a":                    "tool do|a|||",
		"do --tag a -tag b":                "tool do||a+b||",
		"do -t a,b -t c":                   "tool do||a+b+c||",
		"do -yx rest":                      "tool do|||on|rest",
		"do -t a -yx -t b":                 "tool do||a+b|on|",
		"do --execute -- --name":           "tool do|||on|--name",
		"do more a b":                      "tool do more||||a b",
		"do m":                             "tool do more||||",
		"undo more":                        "tool undo||||more",
		"do --generate-bash-completion -y": "flag provided but not defined: -generate-bash-completion",
		"do --no":                          "flag provided but not defined: -no",
		"do -yz":                           "flag provided but not defined: -yz",
		"do --name":                        "flag needs an argument: -name",
		"do --name a -n b":                 "--name and -n are the same flag",
		"do -x more":                       errBefore.Error(),
		"help nothing":                     `there is no command "nothing"; see clickstream --help`,
		"help do nothing":                  `there is no command "do nothing"; see clickstream --help`,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			got := ""
			if err := commandline.Run(t.Context(), program(&out), append([]string{"tool"}, strings.Fields(line)...)); err != nil {
				got = err.Error()
				if code := exit.Code(err); !errors.Is(err, errBefore) && code != exit.Usage {
					t.Errorf("exit code %d", code)
				}
			}
			if got += out.String(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("COMMANDLINE_TEST_NAME", "a")
	for line, want := range map[string]string{"do": "tool do|a|||", "do -n b": "tool do|b|||"} {
		var out bytes.Buffer
		if err := commandline.Run(t.Context(), program(&out), append([]string{"tool"}, strings.Fields(line)...)); err != nil || out.String() != want {
			t.Errorf("%s: %s, %v, want %s", line, out.String(), err, want)
		}
	}
}

const helpOfDo = `NAME:
   tool do - do one thing

USAGE:
   tool do [command options]

DESCRIPTION:
   First line.

   Third line.

COMMANDS:
   more, m  do another

OPTIONS:
   --name NAME, -n NAME, --called NAME                    it is called NAME [$COMMANDLINE_TEST_NAME]
   --tag value, -t value [ --tag value, -t value ]        a tag
   --execute, -x                                          do it (default: false)
   -y                                                     yes (default: false)
   --help, -h                                             show help
`

const helpOfAll = `NAME:
   tool - does things

USAGE:
   tool [command options]

COMMANDS:
   do       do one thing
   undo     undo: it
   help, h  list the commands, or show the help of one

GLOBAL OPTIONS:
   --help, -h  show help
`

// TestHelpIsTheLibrarys compares a command's help with the one that the library's own App.Run prints.
func TestHelpIsTheLibrarys(t *testing.T) {
	var out, library bytes.Buffer
	if err := commandline.Run(t.Context(), program(&out), []string{"tool", "undo", "--help"}); err != nil {
		t.Fatal(err)
	}
	app := program(&library)
	app.Commands[1].HideHelpCommand = true
	if err := app.RunContext(t.Context(), []string{"tool", "undo", "--help"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(library.String(), out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"do --help": helpOfDo, "do -h more": helpOfDo, "do -yh": helpOfDo, "help do": helpOfDo, "h do": helpOfDo,
		"": helpOfAll, "--help": helpOfAll, "help": helpOfAll, "--help do": helpOfAll,
	} {
		var out bytes.Buffer
		if err := commandline.Run(t.Context(), program(&out), append([]string{"tool"}, strings.Fields(line)...)); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if diff := cmp.Diff(strings.Fields(want), strings.Fields(out.String())); diff != "" {
			t.Errorf("%s:\n%s", line, diff)
		}
	}
}

func TestCompletion(t *testing.T) {
	for line, want := range map[string]string{
		"":                "do undo help h",
		"-":               "--help -h",
		"do":              "more m",
		"do -":            "--name -n --called --tag -t --execute -x -y --help -h",
		"do --":           "--name --called --tag --execute --help",
		"do --name":       "", // it stands there
		"do --name a --c": "--called",
		"do more --h":     "--help",
		"do --none":       "",
		"do -- -":         "tool do||||- --generate-bash-completion", // an argument like others there
	} {
		var out bytes.Buffer
		words := append(append([]string{"tool"}, strings.Fields(line)...), "--generate-bash-completion")
		if err := commandline.Run(t.Context(), program(&out), words); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if got := strings.Join(strings.Fields(out.String()), " "); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	t.Setenv("_CLI_ZSH_AUTOCOMPLETE_HACK", "1")
	var out bytes.Buffer
	if err := commandline.Run(t.Context(), program(&out), []string{"tool", "--generate-bash-completion"}); err != nil || !strings.Contains(out.String(), "undo:undo: it\n") {
		t.Errorf("for zsh %q, %v", out.String(), err)
	}
}

func TestCheckNamesWhatWouldBeUnheeded(t *testing.T) {
	t.Parallel()
	if err := commandline.Check(program(&bytes.Buffer{})); err != nil {
		t.Error(err)
	}
	err := commandline.Check(&cli.App{Commands: []*cli.Command{
		{Name: "a", Hidden: true}, {Name: "b", Flags: []cli.Flag{&cli.StringFlag{Name: "c", Required: true}, &cli.StringFlag{Name: "d", Category: "e"}}},
	}})
	for _, want := range []string{"command a:", "flag c", "flag d"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}
