package kcl_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"clickstream/kcl"
	"clickstream/kcl/kcltest"
)

var update = flag.Bool("update", false, "rewrite what testdata/*.txtar expect")

// TestConversations plays testdata/*.txtar: "daemon" is fed to Run, with a processor that does what "processor" says;
// "child", "calls" and "error" are what comes of it. Virtual time: pauses between attempts cost nothing.
func TestConversations(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			given := map[string]string{}
			for _, f := range archive.Files {
				given[f.Name] = string(f.Data)
			}
			got := play(t, given)
			if *update {
				rewrite(t, file, archive, got)
				return
			}
			for name, text := range got {
				if diff := cmp.Diff(given[name], text); diff != "" {
					t.Errorf("%s:\n%s", name, diff)
				}
			}
		})
	}
}

func play(t *testing.T, given map[string]string) map[string]string {
	t.Helper()
	got := map[string]string{"error": ""}
	synctest.Test(t, func(t *testing.T) {
		p := newScripted(given["processor"])
		lines, err := kcltest.Play(t.Context(), p, given["daemon"])
		got["child"], got["calls"] = lines, p.calls.String()
		if err != nil {
			got["error"] = err.Error() + "\n"
		}
	})
	return got
}

func rewrite(t *testing.T, file string, archive *txtar.Archive, got map[string]string) {
	t.Helper()
	for i, f := range archive.Files {
		if text, ok := got[f.Name]; ok {
			archive.Files[i].Data = []byte(text)
		}
	}
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// scripted is a processor that does what a script says. Each line of the script is the name of an action and what to do
// when it comes for the next time: nothing, or steps parted by ";".
type scripted struct {
	steps map[string][]string
	calls bytes.Buffer
}

func newScripted(script string) *scripted {
	p := &scripted{steps: map[string][]string{}}
	for line := range strings.Lines(script) {
		action, steps, _ := strings.Cut(strings.TrimSpace(line), ":")
		p.steps[action] = append(p.steps[action], steps)
	}
	return p
}

type checkpointer interface {
	Checkpoint(ctx context.Context) error
}

// do takes the next steps for the action; an error that a step gives is logged and, unless "try" stands before, returned.
func (p *scripted) do(ctx context.Context, action string, c checkpointer) error {
	if len(p.steps[action]) == 0 {
		return nil
	}
	steps := p.steps[action][0]
	p.steps[action] = p.steps[action][1:]
	for step := range strings.SplitSeq(steps, ";") {
		step, try := strings.CutPrefix(strings.TrimSpace(step), "try ")
		err := doStep(ctx, step, c)
		if err != nil {
			fmt.Fprintf(&p.calls, "  %s: %v%s\n", step, err, kinds(err))
		}
		if err != nil && !try {
			return err
		}
	}
	return nil
}

// kinds names the errors of the package that err is.
func kinds(err error) string {
	text := ""
	for name, kind := range map[string]error{
		"ErrThrottling": kcl.ErrThrottling, "ErrShutdown": kcl.ErrShutdown, "ErrInvalidState": kcl.ErrInvalidState,
		"ErrDependency": kcl.ErrDependency, "ErrIllegalArgument": kcl.ErrIllegalArgument,
	} {
		if errors.Is(err, kind) {
			text += " [" + name + "]"
		}
	}
	return text
}

func doStep(ctx context.Context, step string, c checkpointer) error {
	words := strings.Fields(step)
	if len(words) == 0 {
		return nil
	}
	switch words[0] {
	case "checkpoint":
		return c.Checkpoint(ctx)
	case "at":
		sub, err := strconv.ParseInt(words[2], 10, 64)
		if err != nil {
			return err
		}
		return c.(*kcl.Checkpointer).CheckpointAt(ctx, words[1], sub)
	case "panic":
		panic(errors.New(words[1]))
	case "fail":
		return errors.New(words[1])
	}
	return fmt.Errorf("unknown step %q", step)
}

func (p *scripted) Initialize(ctx context.Context, in *kcl.InitializeInput) error {
	fmt.Fprintf(&p.calls, "Initialize %s at %s.%d\n", in.ShardID, in.SequenceNumber, in.SubSequenceNumber)
	return p.do(ctx, "initialize", nil)
}

func (p *scripted) ProcessRecords(ctx context.Context, in *kcl.ProcessRecordsInput) error {
	fmt.Fprintf(&p.calls, "ProcessRecords %d", len(in.Records))
	if in.MillisBehindLatest != nil {
		fmt.Fprintf(&p.calls, ", %d ms behind", *in.MillisBehindLatest)
	}
	p.calls.WriteByte('\n')
	for _, r := range in.Records {
		fmt.Fprintf(&p.calls, "  %s.%d %q %q", r.SequenceNumber, r.SubSequenceNumber, r.PartitionKey, r.Data)
		if !r.ApproximateArrivalTimestamp.IsZero() {
			fmt.Fprintf(&p.calls, " %d", r.ApproximateArrivalTimestamp.UnixMilli())
		}
		p.calls.WriteByte('\n')
	}
	return p.do(ctx, "processRecords", in.Checkpointer)
}

func (p *scripted) LeaseLost(ctx context.Context, _ *kcl.LeaseLostInput) error {
	p.calls.WriteString("LeaseLost\n")
	return p.do(ctx, "leaseLost", nil)
}

func (p *scripted) ShardEnded(ctx context.Context, in *kcl.ShardEndedInput) error {
	p.calls.WriteString("ShardEnded\n")
	return p.do(ctx, "shardEnded", in.Checkpointer)
}

func (p *scripted) ShutdownRequested(ctx context.Context, in *kcl.ShutdownRequestedInput) error {
	p.calls.WriteString("ShutdownRequested\n")
	return p.do(ctx, "shutdownRequested", in.Checkpointer)
}
