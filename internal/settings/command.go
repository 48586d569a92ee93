// Package settings makes command-line flags of the properties file's keys and reads a command's settings: flags over environment over
// file over default. It is the only place besides the commands that knows the command-line library.
package settings

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"clickstream/internal/exit"
	"clickstream/properties"
)

const fileFlag = "properties"

// FileEnvironment is the environment variable that names the properties file where no flag does.
const FileEnvironment = "CLICKSTREAM_PROPERTIES"

// Flags returns the flags -p/--properties and one for each key, in the order of the sample file. Their help names unit, default and
// environment variable. An unknown key is a mistake in the program and panics.
func Flags(keys ...string) []cli.Flag { return Defaults(nil).Flags(keys...) }

// Defaults are the values, by key, of a command for which the properties file is not written: they go over the file and the settings'
// own defaults, and under flags and environment.
type Defaults map[string]string

// Flags is like the function Flags, with these defaults in the help.
func (d Defaults) Flags(keys ...string) []cli.Flag {
	wanted := make(map[string]bool, len(keys))
	for _, key := range keys {
		wanted[key] = true
	}
	flags := []cli.Flag{&cli.StringFlag{
		Name: fileFlag, Aliases: []string{"p"}, TakesFile: true,
		Usage: "read the settings from `FILE` (default: ./" + properties.SampleName + ", else the embedded sample) [$" + FileEnvironment + "]",
	}}
	for _, setting := range properties.Settings() {
		if wanted[setting.Key] {
			if value, ok := d[setting.Key]; ok {
				setting.Default = value
			}
			flags = append(flags, flag(setting))
			delete(wanted, setting.Key)
		}
	}
	for key := range wanted {
		panic("there is no setting " + key)
	}
	return flags
}

func flag(setting properties.Setting) cli.Flag {
	usage := usage(setting)
	if setting.Kind == properties.Boolean {
		return &cli.BoolFlag{Name: setting.Flag, Aliases: setting.Aliases, Usage: usage, DisableDefaultText: true}
	}
	// Numbers are read as text too: properties checks them with a sentence that says what is allowed.
	return &cli.StringFlag{Name: setting.Flag, Aliases: setting.Aliases, Usage: usage}
}

func usage(setting properties.Setting) string {
	fallback := setting.Default
	if fallback == "" {
		fallback = setting.Unset
	} else if setting.Unit != "" {
		fallback += " " + setting.Unit
	}
	usage := setting.Usage
	if setting.Default == "" && setting.Unit != "" {
		usage += ", in " + setting.Unit
	}
	return fmt.Sprintf("%s (default: %s) [$%s]", usage, fallback, setting.Env)
}

// Load returns the settings of the command that c runs: its flags over the environment (CLICKSTREAM_…, also for settings that the
// command has no flag for) over the properties file over the defaults. Empty environment variables count as not set. Its errors carry
// the exit code for wrong usage.
func Load(c *cli.Context) (*properties.Config, error) { return Defaults(nil).Load(c) }

// Load is like the function Load, with these defaults.
func (d Defaults) Load(c *cli.Context) (*properties.Config, error) {
	path, named := c.String(fileFlag), c.IsSet(fileFlag)
	if !named {
		path = os.Getenv(FileEnvironment)
	}
	config, err := properties.LoadOverrides(path, d.overrides(c))
	if missing, ok := errors.AsType[*properties.MissingError](err); ok && !named && path != "" {
		err = fmt.Errorf("there is no properties file %s, which the environment variable %s names; unset it, or correct it", missing.Name, FileEnvironment)
	}
	return config, exit.With(exit.Usage, err)
}

func (d Defaults) overrides(c *cli.Context) map[string]properties.Override {
	all := make(map[string]properties.Override)
	for _, setting := range properties.Settings() {
		if value, ok := flagValue(c, setting); ok {
			all[setting.Key] = properties.Override{Value: value, Origin: "--" + setting.Flag}
		} else if value := strings.TrimSpace(os.Getenv(setting.Env)); value != "" {
			all[setting.Key] = properties.Override{Value: value, Origin: "environment variable " + setting.Env}
		} else if value, ok := d[setting.Key]; ok {
			all[setting.Key] = properties.Override{Value: value, Origin: "the command's default"}
		}
	}
	return all
}

func flagValue(c *cli.Context, setting properties.Setting) (string, bool) {
	if !c.IsSet(setting.Flag) {
		return "", false
	}
	if setting.Kind == properties.Boolean {
		return fmt.Sprint(c.Bool(setting.Flag)), true
	}
	return strings.TrimSpace(c.String(setting.Flag)), true
}
