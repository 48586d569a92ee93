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
	kinds := []cli.Flag{
		&cli.IntFlag{Name: "int", EnvVars: []string{"COMMANDLINE_TEST_INT"}}, &cli.Uint64Flag{Name: "uint", EnvVars: []string{"COMMANDLINE_TEST_UINT"}},
		&cli.Float64Flag{Name: "float", EnvVars: []string{"COMMANDLINE_TEST_FLOAT"}}, &cli.DurationFlag{Name: "duration", EnvVars: []string{"COMMANDLINE_TEST_DURATION"}},
		&cli.BoolFlag{Name: "bool", EnvVars: []string{"COMMANDLINE_TEST_BOOL"}},
		&cli.StringFlag{Name: "name", Value: "by default", EnvVars: []string{"COMMANDLINE_TEST_NAME"}},
		&cli.StringSliceFlag{Name: "tag", EnvVars: []string{"COMMANDLINE_TEST_TAG"}},
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
			{Name: "kinds", Usage: "has flags of all kinds", Flags: kinds, Action: say},
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
		"do --generate-bash-completion -y": "there is no flag --generate-bash-completion",
		"do --name -x rest":                "tool do|-x|||rest",
		"do --name= rest":                  "tool do||||rest",
		"do -name=a=b":                     "tool do|a=b|||",
		"do -x -x=false":                   "tool do||||",
		"do --name a --name=b":             "tool do|b|||",
		"do -x - -y":                       "tool do|||on|- -y",
		"do -x --":                         "tool do|||on|",
		"do --no":                          "there is no flag --no",
		"do -yz":                           "there is no flag -yz",
		"do -yz=1":                         "there is no flag -yz",
		"do --naem=x":                      "there is no flag --naem (did you mean --name?)",
		"do -exe":                          "there is no flag -exe (did you mean --execute?)",
		"do ---name x":                     "there is no flag ---name (did you mean --name?)",
		"do --- x":                         "there is no flag ---",
		"do -=x":                           "there is no flag -",
		"do more --name":                   "there is no flag --name",
		"--name a do":                      "there is no flag --name (a command's flags go behind its name)",
		"--undo":                           "there is no flag --undo (did you mean tool undo?)",
		"do --name":                        "--name needs a value",
		"do -x=maybe":                      `-x "maybe": it has to be true or false`,
		"kinds --int 1.5":                  `--int "1.5": it has to be a whole number, of 64 bits at most`,
		"kinds --int=":                     `--int "": it has to be a whole number, of 64 bits at most`,
		"kinds --uint -1":                  `--uint "-1": it has to be a whole number, 0 or more and of 64 bits at most`,
		"kinds --float x":                  `--float "x": it has to be a number`,
		"kinds --duration 5":               `--duration "5": it has to be a duration, such as 30s or 5m`,
		"do --name a -n b":                 "--name and -n are the same flag",
		"do -x more":                       errBefore.Error(),
		"help nothing":                     `there is no command "nothing"; see tool --help`,
		"help undoo":                       `there is no command "undoo" (did you mean undo?); see tool --help`,
		"help kin":                         `there is no command "kin" (did you mean kinds?); see tool --help`,
		"help do nothing":                  `there is no command "do nothing"; see tool do --help`,
		"help do help":                     `there is no command "do help" (did you mean tool help do?); see tool do --help`,
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

// TestEmptyEnvironment: it counts as not set, and a wrong one is named.
func TestEmptyEnvironment(t *testing.T) {
	t.Setenv("COMMANDLINE_TEST_INT", "")
	t.Setenv("COMMANDLINE_TEST_NAME", "")
	t.Setenv("COMMANDLINE_TEST_TAG", "")
	for line, want := range map[string]string{"kinds": "tool kinds|by default|||", "kinds --name= --tag b": "tool kinds||b||"} {
		var out bytes.Buffer
		if err := commandline.Run(t.Context(), program(&out), append([]string{"tool"}, strings.Fields(line)...)); err != nil || out.String() != want {
			t.Errorf("%s: %s, %v, want %s", line, out.String(), err, want)
		}
	}
	for name, kind := range map[string]string{
		"INT": "a whole number, of", "UINT": "a whole number, 0 or more", "FLOAT": "a number", "DURATION": "a duration, such as", "BOOL": "true or false",
	} {
		name = "COMMANDLINE_TEST_" + name
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "x")
			want := "the environment's " + name + ` "x": it has to be ` + kind
			if err := commandline.Run(t.Context(), program(&bytes.Buffer{}), []string{"tool", "kinds"}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		})
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
   kinds    has flags of all kinds
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
	t.Parallel()
	for line, want := range map[string]string{
		"":                  "do undo kinds help h",
		"''":                "do undo kinds help h",
		"un":                "undo",
		"do":                "do",
		"-":                 "--help -h",
		"do ''":             "more m",
		"do mo":             "more",
		"do -":              "--name -n --called --tag -t --execute -x -y --help -h",
		"do --":             "--name --called --tag --execute --help",
		"do --name":         "--name",
		"do --name ''":      "", // its value
		"do --name --na":    "", // as well
		"do --name a --na":  "", // it stands there
		"do --name a --c":   "--called",
		"do more --h":       "--help",
		"do --none ''":      "more m",
		"do -- -":           "",
		"do -- ''":          "",
		"help u":            "undo",
		"help do ''":        "more m",
		"help --":           "--help",
		"help none nothing": "",
	} {
		words := strings.Fields(line)
		for i, word := range words {
			words[i] = strings.Trim(word, "'")
		}
		if got := strings.Join(strings.Fields(answers(t, append(words, "--generate-bash-completion")...)), " "); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	if got, want := answers(t, "und", "--generate-zsh-completion"), "undo:undo: it\n"; got != want {
		t.Errorf("for zsh %q, want %q", got, want)
	}
	if got, want := answers(t, "do", "--n", "--generate-fish-completion"), "--name\tit is called NAME\n"; got != want {
		t.Errorf("for fish %q, want %q", got, want)
	}
}

func answers(t *testing.T, words ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := commandline.Run(t.Context(), program(&out), append([]string{"tool"}, words...)); err != nil {
		t.Errorf("%v: %v", words, err)
	}
	return out.String()
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
