// Generate writes the locks that are embedded, into the folder that it is given. What changes in them is for somebody to look at.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"clickstream/bootstrap/jars"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want one folder, not %q", args)
	}
	for _, version := range jars.Versions() {
		lock, err := jars.Make(ctx, version, jars.Options{Repository: os.Getenv(jars.RepositoryEnvironment), Log: os.Stderr})
		if err != nil {
			return err
		}
		file, err := os.Create(filepath.Join(args[0], version+".lock"))
		if err != nil {
			return err
		}
		if _, err := lock.WriteTo(file); err != nil {
			return err
		}
		if err := file.Close(); err != nil {
			return err
		}
	}
	return nil
}
