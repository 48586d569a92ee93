// Package cleanup deletes what the other commands made: the stream, the application's tables, its objects and the bucket. It shows a plan
// with counts before anything goes, and can be stopped and run again at any time.
package cleanup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/internal/leases"
	"clickstream/properties"
)

// Config says what to clean up and whom to ask.
type Config struct {
	Settings *properties.Config
	Out      io.Writer
	Live     bool      // Out is a terminal: progress is a bar
	In       io.Reader // where the answer comes from
	Ask      bool      // In is a terminal: somebody can be asked

	Only       []string // of Parts; empty: all of them
	Yes        bool     // delete without asking
	DryRun     bool     // show the plan and stop
	AllObjects bool     // delete objects too that are not the application's
}

// Parts are the things that there are to clean up, in the order in which they go.
func Parts() []string { return []string{partStream, partTables, partBucket} }

const (
	partStream = "stream"
	partTables = "tables"
	partBucket = "bucket"
)

// step is one thing to delete.
type step struct {
	name   string // "stream clicks"
	detail string // how much of it there is
	delete func(context.Context) error
	left   func() string // of a step that was stopped half way, what is gone and what is left; nil where there is no half way
}

// Run shows what there is, asks if it may, and deletes it. What is missing is no error. What cannot be looked at or deleted is named, the
// rest still goes, and the error is for exit code 1. A bucket that is not the application's is refused before anything goes, and so is a run
// that can ask nobody: exit code 2. When ctx ends it says what is gone and what is left, and returns the context's cause.
func Run(ctx context.Context, cfg Config) error {
	clients, err := awsclient.Load(ctx, cfg.Settings)
	if err != nil {
		return err
	}
	c := &cleaner{Config: cfg, clients: clients}
	if c.names, err = leases.NamesOf(cfg.Settings); err != nil {
		return exit.With(exit.Usage, err)
	}
	steps, problems, err := c.survey(ctx)
	if err != nil {
		return err
	}
	for _, problem := range problems {
		c.say("left alone: %v", problem)
	}
	if len(steps) == 0 {
		if len(problems) == 0 {
			c.say("nothing to do: no %s of application %s in %s", c.parts(), cfg.Settings.ApplicationName, clients.Region)
		}
		return outcome(len(problems))
	}
	c.say("to be deleted in %s:", clients.Region)
	for _, step := range steps {
		c.say("  %s: %s", step.name, step.detail)
	}
	if cfg.DryRun {
		c.say("nothing was deleted: --dry-run")
		return outcome(len(problems))
	}
	if err := c.confirm(ctx); err != nil {
		return err
	}
	return c.delete(ctx, steps, len(problems))
}

// parts names what is looked at, for a sentence that says that there is none of it.
func (c *cleaner) parts() string {
	words := make([]string, 0, len(Parts()))
	for _, part := range Parts() {
		if c.wants(part) {
			words = append(words, strings.TrimSuffix(part, "s"))
		}
	}
	if len(words) == 1 {
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func (c *cleaner) say(format string, args ...any) {
	_, _ = fmt.Fprintf(c.Out, format+"\n", args...)
}

func (c *cleaner) delete(ctx context.Context, steps []step, failed int) error {
	for i, step := range steps {
		err := step.delete(ctx)
		if ctx.Err() != nil && err != nil {
			c.stopped(steps[i:])
			return context.Cause(ctx)
		}
		if err != nil {
			failed++
			c.say("failed: %v", err)
			continue
		}
		c.say("deleted %s", step.name)
	}
	return outcome(failed)
}

// stopped says how far a stopped run came: the first of the steps was under way.
func (c *cleaner) stopped(steps []step) {
	for i, step := range steps {
		switch {
		case i == 0 && step.left != nil:
			c.say("stopped: %s: %s", step.name, step.left())
		case i == 0:
			c.say("stopped: %s: may be gone or not", step.name)
		default:
			c.say("still there: %s", step.name)
		}
	}
	c.say("run it again to finish")
}

func outcome(failed int) error {
	switch failed {
	case 0:
		return nil
	case 1:
		return errors.New("one thing is still there, as said above; run it again when that is mended")
	}
	return fmt.Errorf("%d things are still there, as said above; run it again when that is mended", failed)
}

// confirm returns nil if everything may be deleted.
func (c *cleaner) confirm(ctx context.Context) error {
	if c.Yes {
		return nil
	}
	if !c.Ask {
		return exit.With(exit.Usage, errors.New("there is no terminal to ask on, nothing was deleted; --yes deletes without asking"))
	}
	_, _ = fmt.Fprint(c.Out, "delete all of this? only yes deletes: ")
	answer := make(chan string, 1)
	// A read of a terminal cannot be interrupted: after Ctrl-C this goroutine stays until the process ends, which it then does at once.
	go func() {
		line, _ := bufio.NewReader(c.In).ReadString('\n')
		answer <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		c.say("")
		return context.Cause(ctx)
	case said := <-answer:
		if strings.EqualFold(said, "yes") {
			return nil
		}
		return errors.New("nothing was deleted")
	}
}
