package attribute

import "clickstream/emulator/internal/wire"

// invalid is the service's answer to a value that it does not take.
func invalid(format string, args ...any) error {
	return wire.Errorf("ValidationException", format, args...)
}

// misshapen is the service's answer to JSON that has another shape than a value's.
func misshapen(format string, args ...any) error {
	return wire.Errorf("SerializationException", format, args...)
}
