// Command generate makes the operations' part of docs/emulator.md anew.
package main

import (
	"log"
	"os"

	"clickstream/emulator/internal/opdocs"
)

// Seen from the folder of package opdocs, where go generate runs it.
const (
	document = "../../../docs/emulator.md"
	services = "../.."
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	updated, err := opdocs.Update(string(text), services)
	if err != nil {
		return err
	}
	return os.WriteFile(document, []byte(updated), 0o644)
}
