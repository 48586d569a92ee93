package properties

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// Encode writes c as a properties file that Load and the Java daemon read back to the same settings. Settings that are not set are left
// out.
func (c *Config) Encode() []byte {
	var out strings.Builder
	for _, setting := range allSettings() {
		value := setting.text(c)
		if value == "" || setting.Key == "initialPositionInStream" && value == PositionAtTimestamp {
			continue // AT_TIMESTAMP is said by initialPositionInStreamExtended alone
		}
		fmt.Fprintln(&out, Entry{Key: setting.Key, Value: value})
	}
	return []byte(out.String())
}

// Value returns a setting as it would stand in a properties file, by its key; "" where it is not set, or there is no such setting.
func (c *Config) Value(key string) string {
	for _, setting := range allSettings() {
		if setting.Key == key {
			return setting.text(c)
		}
	}
	return ""
}

// String returns the entry as a line of a properties file, without the line's end, that Parse and java.util.Properties.load read back.
func (e Entry) String() string {
	key := escape("k" + e.Key)[1:] // in front, a space would be escaped already
	key = strings.NewReplacer(" ", `\ `, "=", `\=`, ":", `\:`, "#", `\#`, "!", `\!`).Replace(key)
	return key + " = " + escape(e.Value)
}

// text is the setting's value in c, "" where it is not set.
func (s *Setting) text(c *Config) string {
	switch field := s.field(c).(type) {
	case *string:
		return *field
	case *int:
		return s.number(*field, *field == 0)
	case *int64:
		return s.number(*field, *field == 0)
	case *float64:
		return s.number(*field, *field == 0)
	case *bool:
		return fmt.Sprint(*field)
	default:
		return ""
	}
}

func (s *Setting) number(value any, zero bool) string {
	if zero && s.Default == "" {
		return ""
	}
	return fmt.Sprint(value)
}

// escape writes a value so that java.util.Properties.load reads it back.
func escape(value string) string {
	var out strings.Builder
	for i, r := range value {
		switch {
		case r == '\\' || r == ' ' && i == 0:
			out.WriteByte('\\')
			out.WriteRune(r)
		case r < ' ' || r > '~':
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&out, `\u%04x`, unit)
			}
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
