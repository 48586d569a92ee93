package properties

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"clickstream/internal/spelling"
)

// ValueError is a setting whose value cannot be used.
type ValueError struct {
	Key     string
	Value   string
	Origin  string // file:line, a flag or an environment variable
	Problem string // "must be …"
}

// Error returns "origin: key must be …, not "value"".
func (e *ValueError) Error() string {
	return fmt.Sprintf("%s: %s %s, not %q", e.Origin, e.Key, e.Problem, e.Value)
}

// Override is a value that goes over the file's, and where it comes from: a flag or an environment variable, for errors.
type Override struct {
	Value  string
	Origin string
}

// Load reads the properties file at path, puts overrides (key to text, said by flag) over it and the defaults under it, and checks
// every value. Path "" is ./sample.properties where there is one, else the embedded sample.
func Load(path string, overrides map[string]string) (*Config, error) {
	flags := make(map[string]Override, len(overrides))
	for _, setting := range allSettings() {
		if value, ok := overrides[setting.Key]; ok {
			flags[setting.Key] = Override{value, "--" + setting.Flag}
		}
	}
	for key := range overrides {
		if _, ok := flags[key]; !ok {
			return nil, fmt.Errorf("there is no setting %q", key)
		}
	}
	return LoadOverrides(path, flags)
}

// LoadOverrides is Load with overrides that say where they come from. Keys that are no settings are ignored.
func LoadOverrides(path string, overrides map[string]Override) (*Config, error) {
	file, err := open(path)
	if err != nil {
		return nil, err
	}
	if err := misspelled(file); err != nil {
		return nil, err
	}
	config := &Config{Path: file.Name}
	if file.Name == embeddedName {
		config.Path = ""
	}
	for _, setting := range allSettings() {
		setting.Default = defaultIn(config.Path, setting)
		value := find(file, setting, overrides)
		if value.Value == "" && setting.Default == "" {
			continue // not set, or set back by an empty flag
		}
		if err := setting.set(config, value); err != nil {
			return nil, err
		}
	}
	if err := config.checkPlacement(); err != nil {
		return nil, err
	}
	return config, config.complete()
}

// defaultIn returns a setting's default in a file. The default executableName names the sample file; in another one it names that.
func defaultIn(path string, setting Setting) string {
	if setting.Key != "executableName" || path == "" || strings.ContainsFunc(path, unicode.IsSpace) {
		return setting.Default
	}
	return strings.Replace(setting.Default, SampleName, path, 1)
}

// MissingError is the error of a properties file that is not there.
type MissingError struct{ Name string }

// Error says so, and how to get one.
func (e *MissingError) Error() string {
	return fmt.Sprintf("there is no properties file %s (clickstream bootstrap -p %s writes one, to be given that name)", e.Name, SampleName)
}

const embeddedName = "the embedded " + SampleName

func open(path string) (*File, error) {
	name := path
	if path == "" {
		name = SampleName
	}
	text, err := os.ReadFile(name)
	switch {
	case path == "" && errors.Is(err, fs.ErrNotExist):
		name, text = embeddedName, sample
	case errors.Is(err, fs.ErrNotExist):
		return nil, &MissingError{name}
	case err != nil:
		return nil, fmt.Errorf("read the properties file: %w", err)
	}
	return Parse(bytes.NewReader(text), name)
}

// misspelled refuses a key that differs from a setting's in case only, or by a slip or two: the daemons would ignore it without a word. The one
// key that the KCL takes in any case (KinesisClientLibConfigurator.processKey) is taken here too. Keys that are like no setting are other programs'.
func misspelled(file *File) error {
	all := allSettings()
	for i, entry := range file.Entries {
		if slices.ContainsFunc(all, func(setting Setting) bool { return setting.Key == entry.Key }) {
			continue
		}
		for _, setting := range all {
			switch same := strings.EqualFold(entry.Key, setting.Key); {
			case same && setting.Key == "AwsCredentialsProvider":
				file.Entries[i].Key = setting.Key
			case same:
				return fmt.Errorf("%s:%d: key %s must be written %s", file.Name, entry.Line, entry.Key, setting.Key)
			case nearly(entry.Key, setting.Key):
				return fmt.Errorf("%s:%d: there is no key %s; did you mean %s?", file.Name, entry.Line, entry.Key, setting.Key)
			}
		}
	}
	return nil
}

// nearly says whether two keys differ by one slip, long ones by two at most.
func nearly(key, setting string) bool {
	const long = 10
	slips := 1
	if min(len(key), len(setting)) >= long {
		slips = 2
	}
	return spelling.Slips(key, setting) <= slips
}

// find returns the value of the highest layer that has one that is not blank.
func find(file *File, setting Setting, overrides map[string]Override) Override {
	if over, ok := overrides[setting.Key]; ok {
		return over
	}
	if entry, ok := file.Get(setting.Key); ok && strings.TrimSpace(entry.Value) != "" {
		return Override{strings.TrimSpace(entry.Value), fmt.Sprintf("%s:%d", file.Name, entry.Line)}
	}
	return Override{setting.Default, "the default"}
}

func (s *Setting) set(config *Config, value Override) error {
	fail := func(problem string) error {
		return &ValueError{Key: s.Key, Value: value.Value, Origin: value.Origin, Problem: problem}
	}
	if readAsLatin1(value.Value) {
		return fail(`must be ASCII (other characters as \uXXXX): the Java daemon reads UTF-8 as ISO-8859-1`)
	}
	text, err := s.check(value.Value)
	if err != nil {
		return fail(err.Error())
	}
	switch field := s.field(config).(type) {
	case *string:
		*field = text
	case *int:
		*field, err = strconv.Atoi(text)
	case *int64:
		*field, err = strconv.ParseInt(text, 10, 64)
	case *float64:
		*field, err = strconv.ParseFloat(text, 64)
	case *bool:
		*field, err = strconv.ParseBool(text)
	default:
		err = fmt.Errorf("has a field of type %T", field)
	}
	if err != nil {
		return fail(err.Error())
	}
	return nil
}

// readAsLatin1 reports whether text looks like UTF-8 that was read as ISO-8859-1, as Java reads it.
func readAsLatin1(text string) bool {
	raw := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 0xff {
			return false
		}
		raw = append(raw, byte(r))
	}
	return utf8.Valid(raw) && slices.ContainsFunc(raw, func(c byte) bool { return c >= utf8.RuneSelf })
}

// complete fills in the settings that follow from others.
func (c *Config) complete() error {
	if c.StreamArn != "" {
		_, c.StreamName, _ = strings.Cut(c.StreamArn, ":stream/")
	}
	if c.InitialPositionInStreamExtended != 0 {
		c.InitialPositionInStream = PositionAtTimestamp
	}
	if c.TableName == "" {
		if _, err := tableName(c.ApplicationName); err != nil {
			return fmt.Errorf("applicationName is the lease table's name too, which %w, not %q (or set tableName)", err, c.ApplicationName)
		}
		c.TableName = c.ApplicationName
	}
	return nil
}
