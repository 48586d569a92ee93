package emulate

import (
	"fmt"
	"io"
	"os"

	"clickstream/emulator"
)

// options reads the files that the settings name.
func (c *Config) options() (emulator.Options, error) {
	options := emulator.Options{CreateDelay: c.CreateDelay, TimeOffset: c.TimeOffset, Throttle: c.Throttle, TLS: c.TLS, FaultSeed: c.FaultSeed, LocalStack: c.LocalStack}
	var err error
	if options.Credentials, err = c.credentials(); err != nil {
		return options, err
	}
	if err := c.Keep.into(&options); err != nil {
		return options, err
	}
	for _, line := range c.Faults {
		rule, err := emulator.ParseFault(line)
		if err != nil {
			return options, fmt.Errorf("--fault: %w", err)
		}
		options.Faults = append(options.Faults, rule)
	}
	if c.FaultFile != "" {
		rules, err := fromFile(c.FaultFile, emulator.ReadFaults)
		if err != nil {
			return options, fmt.Errorf("--faults: %w", err)
		}
		options.Faults = append(options.Faults, rules...)
	}
	if c.Init != "" {
		if options.Setup, err = fromFile(c.Init, emulator.ReadSetup); err != nil {
			return options, fmt.Errorf("--init: %w", err)
		}
	}
	return options, nil
}

// fromFile opens a file for what reads it.
func fromFile[T any](name string, read func(io.Reader, string) (T, error)) (T, error) {
	file, err := os.Open(name)
	if err != nil {
		var none T
		return none, err
	}
	defer func() { _ = file.Close() }() // it was only read
	return read(file, name)
}
