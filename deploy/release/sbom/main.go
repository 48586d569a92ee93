// Command sbom writes the bill of materials of a built program of any system, as its own command version --sbom prints it.
package main

import (
	"debug/buildinfo"
	"fmt"
	"os"

	"clickstream/internal/sbom"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go run ./deploy/release/sbom PROGRAM DOCUMENT")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func write(program, document string) error {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return fmt.Errorf("read the modules noted in %s: %w", program, err)
	}
	file, err := os.Create(document)
	if err != nil {
		return err
	}
	if err := sbom.WriteModules(file, info); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}
