package consume

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"clickstream/internal/delivery"
	"clickstream/internal/exit"
)

// slow is a store whose data objects arrive only when it is opened, or fail by then.
type slow struct {
	Store
	open chan struct{}
	err  error
}

func (s *slow) Create(ctx context.Context, o StoredObject) error {
	if delivery.IsData(o.Key) {
		select {
		case <-s.open:
		case <-ctx.Done():
			return ctx.Err()
		}
		if s.err != nil {
			return s.err
		}
	}
	return s.Store.Create(ctx, o)
}

func newSlowFixture(t *testing.T) (*fixture, *slow) {
	t.Helper()
	f := newFixture(t, "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8")
	over := &slow{Store: f.store, open: make(chan struct{})}
	f.over = over
	return f, over
}

func nineRecords(f *fixture) map[string]string {
	return map[string]string{f.key(0, 2): "a0,a1,a2", f.key(3, 5): "a3,a4,a5", f.key(6, 8): "a6,a7,a8"}
}

// TestRecordsComeWhileABatchIsStored: records are answered while those before are stored, but checkpointed only behind them.
func TestRecordsComeWhileABatchIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, over := newSlowFixture(t)
		f.metrics = newMetrics(&f.rules, testShard)
		w := f.start()
		f.must(errOf(w.Deliver(3)))
		f.must(errOf(w.Deliver(2)))
		synctest.Wait()
		f.expect(trimHorizon, map[string]string{})
		if got := scraped(t, f.metrics.text(time.Now())); got["unstored_records"] != 5 || got["unstored_bytes"] != 10 {
			t.Errorf("metrics %v", got)
		}
		answered := make(chan error, 1)
		go func() { answered <- errOf(w.Deliver(2)) }() // a batch is full again
		synctest.Wait()
		select {
		case err := <-answered:
			t.Fatalf("a second batch is on its way before the first is stored: %v", err)
		default:
		}
		close(over.open)
		f.must(<-answered)
		synctest.Wait()
		f.must(w.DeliverAll(0))
		f.must(w.Close())
		f.expect(f.at(8).String(), nineRecords(f))
	})
}

func TestLastRecordsAreNotAnsweredBeforeTheyAreStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, over := newSlowFixture(t)
		w := f.start()
		f.must(errOf(w.Deliver(3)))
		answered := make(chan error, 1)
		go func() { answered <- errOf(w.Deliver(0)) }()
		time.Sleep(time.Second)
		select {
		case err := <-answered:
			t.Fatalf("answered: %v", err)
		default:
		}
		close(over.open)
		f.must(<-answered)
		f.must(w.Close())
		f.expect(f.at(8).String(), nineRecords(f))
	})
}

func TestShutdownAndShardEndWaitForWhatIsInFlight(t *testing.T) {
	for _, name := range []string{"shutdown", "shard end"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, over := newSlowFixture(t)
				w := f.start()
				f.must(errOf(w.Deliver(4)))
				go func() {
					time.Sleep(time.Minute)
					close(over.open)
				}()
				if name == "shutdown" {
					f.must(w.RequestShutdown())
					f.must(w.Close())
					f.expect(f.at(3).String(), map[string]string{f.key(0, 2): "a0,a1,a2", f.key(3, 3): "a3"})
					return
				}
				f.must(w.EndShard())
				f.must(w.Close())
				f.expect(shardEnd, map[string]string{f.key(0, 2): "a0,a1,a2", f.key(3, 3): "a3"})
			})
		})
	}
}

func TestLostLeaseEndsWhatIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _ := newSlowFixture(t)
		w := f.start()
		f.must(errOf(w.Deliver(3)))
		f.must(errOf(w.Deliver(1)))
		before := time.Now()
		f.must(w.LoseLease())
		f.must(w.Close())
		if waited := time.Since(before); waited > time.Second {
			t.Errorf("answered after %s", waited)
		}
		f.expect(trimHorizon, map[string]string{})
		f.logged("4 records that were not stored are dropped")
	})
}

func TestEndOfInputEndsWhatIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _ := newSlowFixture(t)
		w := f.start()
		f.must(errOf(w.Deliver(3)))
		before := time.Now()
		f.must(w.Close())
		if waited := time.Since(before); waited > time.Second {
			t.Errorf("the end of input was seen after %s", waited)
		}
		f.expect(trimHorizon, map[string]string{})
	})
}

func TestErrorInFlightEndsTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, over := newSlowFixture(t)
		over.err = fmt.Errorf("put: %w", errDenied)
		w := f.start()
		f.must(errOf(w.Deliver(3)))
		close(over.open)
		synctest.Wait()
		f.logged("access denied; this process ends at the daemon's next message")
		if _, err := w.Deliver(1); err == nil {
			t.Error("records behind those that cannot be stored were answered")
		}
		if err := w.Close(); exit.Code(err) != exit.Usage || !errors.Is(err, errDenied) {
			t.Errorf("ended with %v, code %d", err, exit.Code(err))
		}
		f.expect(trimHorizon, map[string]string{})
	})
}

// TestOthersClaimBringsTheBatchBack: what was delivered in the meantime comes behind what another worker has agreed on.
func TestOthersClaimBringsTheBatchBack(t *testing.T) {
	for name, test := range map[string]struct {
		last int // of the other's claim
		want func(f *fixture) map[string]string
	}{
		"it ends before ours": {1, func(f *fixture) map[string]string {
			return map[string]string{f.key(0, 1): "a0,a1", f.key(2, 4): "a2,a3,a\n", f.key(5, 7): "a5,a6,a7"}
		}},
		"it goes on behind ours": {4, func(f *fixture) map[string]string {
			return map[string]string{f.key(0, 4): "a0,a1,a2,a3,a\n", f.key(5, 7): "a5,a6,a7"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, "a0", "a1", "a2", "a3", "a\n", "a5", "a6", "a7")
				f.rules.format = delivery.FormatRaw
				f.claim(delivery.Position{}, 0, test.last, func(c *delivery.Claim) { c.Format = delivery.FormatRaw })
				w := f.start()
				f.must(errOf(w.Deliver(3)))
				f.must(errOf(w.Deliver(2)))
				f.must(w.DeliverAll(0))
				f.must(w.RequestShutdown())
				f.must(w.Close())
				want := test.want(f)
				if !strings.Contains(f.log.String(), "another worker has agreed") {
					t.Error("the claim was not met")
				}
				f.expect(f.at(7).String(), want)
			})
		})
	}
}
