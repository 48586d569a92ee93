package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clickstream/internal/exit"
	"clickstream/internal/process"
	"clickstream/verify"
)

// verify runs `clickstream verify` as a user would, and returns its report. The error says that nobody knows what the bucket holds.
func (r *run) verify(ctx context.Context) (*verify.Report, error) {
	var out bytes.Buffer
	cmd := r.command("verify", "--json")
	cmd.Stdout = &out
	child, err := process.Start(cmd)
	if err != nil {
		return nil, fmt.Errorf("the verification did not start: %w", err)
	}
	select {
	case <-child.Done():
	case <-ctx.Done():
		child.Kill()
		<-child.Done()
		return nil, context.Cause(ctx)
	}
	if code := child.ExitCode(); code != exit.Done && code != exit.Gap {
		return nil, fmt.Errorf("the verification ended early (%s), see above", ending(code))
	}
	var report verify.Report
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		return nil, fmt.Errorf("the verification's report was not understood: %w", err)
	}
	return &report, nil
}

// summary writes the report and what the run came to. The error says what is wrong with the bucket.
func (r *run) summary(report *verify.Report, elapsed time.Duration) error {
	if err := report.WriteTable(r.cfg.Stdout); err != nil {
		return err
	}
	rows, _ := r.cloud.shards()
	sent, totals := total(rows).Records, report.Totals
	if sent != totals.Records+totals.Rejected {
		if clicks, err := r.cloud.clicks(); err == nil {
			sent = clicks
		}
	}
	speed := "" // of nothing there is none
	if sent > 0 {
		speed = fmt.Sprintf("   (%.1f s from first put to last stored object: %s records/s)", elapsed.Seconds(), rate(sent, elapsed))
	}
	r.say("%d sent / %d stored / %d missing / %d twice%s\n", sent, totals.Records+totals.Rejected, totals.Missing, totals.Twice, speed)
	r.sayCPU()
	if err := report.Err(); err != nil {
		return err
	}
	if stored := totals.Records + totals.Rejected; stored != sent {
		return exit.With(exit.Gap, fmt.Errorf("%d records were sent and %d stored", sent, stored))
	}
	return nil
}

// sayCPU says how much CPU time each part took.
func (r *run) sayCPU() {
	if !r.cfg.CPU {
		return
	}
	all := r.producerCPU + r.daemonCPU
	own := "unknown on this system"
	if time, ok := process.CPU(); ok {
		all += time
		own = fmt.Sprintf("%.2f s", time.Seconds())
	}
	r.say("CPU: producer %.2f s, daemon and consumers %.2f s, emulator %s, together %.2f s\n",
		r.producerCPU.Seconds(), r.daemonCPU.Seconds(), own, all.Seconds())
}

var errRefused = errors.New("some input lines were refused, see above; all others are stored")
