package consume

import (
	"flag"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

var (
	modelRuns = flag.Int("runs", 300, "runs of the model for each variant")
	modelSeed = flag.Uint64("seed", 0, "first seed of the model's runs; with -runs 1 it repeats one")
)

// runs is what -runs says, but few with -short.
func runs() uint64 {
	if testing.Short() {
		return min(15, uint64(*modelRuns))
	}
	return uint64(*modelRuns)
}

// everything is all that may happen to workers whose settings differ.
func everything() variant {
	return variant{vary: true, aggregates: true, templates: true, formats: true, shutdown: true}
}

func with(change func(*variant)) variant {
	v := everything()
	change(&v)
	return v
}

// TestModel plays the delivery protocol against a world of crashes, stolen leases, zombies, requests that land late or whose replies are
// lost, and clocks that run on, in virtual time: the real processor behind the real line protocol. No record may be lost or come into
// two objects. A failure names the seed that repeats it.
func TestModel(t *testing.T) {
	for _, test := range []struct {
		name    string
		variant variant
	}{
		{"same settings", variant{}},
		{"settings differ", everything()},
		{"horizon moves", with(func(v *variant) { v.trim = true })},
		{"LATEST resolved anew", with(func(v *variant) { v.latest = true })},
		{"checkpoint moved back", with(func(v *variant) { v.rewind = true })},
		{"records and claims expire", with(func(v *variant) { v.expire = true })},
		{"records and claims expire, LATEST resolved anew", with(func(v *variant) { v.expire, v.latest = true, true })},
		{"all at once", with(func(v *variant) { v.trim, v.latest, v.rewind = true, true, true })},
	} {
		t.Run(test.name, func(t *testing.T) {
			var all occasions
			for seed := *modelSeed; seed < *modelSeed+runs(); seed++ {
				outcome, seen := play(t, test.variant, seed)
				all.add(seen)
				if outcome != "" {
					t.Fatalf("seed %d: %s; repeat with -run '%s' -seed %d -runs 1", seed, outcome, t.Name(), seed)
				}
			}
			if runs() >= 300 && (all.fedInFlight == 0 || all.killedInFlight == 0 || all.lostInFlight == 0 || all.stoppedInFlight == 0 && test.variant.shutdown) {
				t.Errorf("something has never happened while a batch was in flight: %+v", all)
			}
			t.Logf("while a batch was in flight: %+v", all)
		})
	}
}

// TestModelFindsWhatIsBroken leaves rules out, by stores that undo them: the model must see it, or it proves nothing.
func TestModelFindsWhatIsBroken(t *testing.T) {
	for _, test := range []struct {
		name    string
		variant variant
		from    uint64 // first seed, near one that shows it
	}{
		{"claims never conflict", with(func(v *variant) { v.broken = claimsNeverConflict }), 0},
		{"claims lose their key", with(func(v *variant) { v.broken = claimsLoseTheirKey }), 0},
		{"claims are filed by the batch's own start, horizon moves", with(func(v *variant) { v.broken, v.trim = claimsFiledByStart, true }), 0},
		{"claims are filed by the batch's own start, LATEST", with(func(v *variant) { v.broken, v.latest = claimsFiledByStart, true }), 0},
		{"claims are made at any age, and expire", with(func(v *variant) { v.broken, v.expire = claimedAtAnyAge, true }), 0},
		{"objects are stored after the answer", with(func(v *variant) { v.broken = storedAfterTheAnswer }), 0},
		{"claims are not renewed, and expire", with(func(v *variant) { v.broken, v.expire = claimsAreNotRenewed, true }), 2500},
	} {
		t.Run(test.name, func(t *testing.T) {
			for seed := test.from; seed < test.from+3000; seed++ {
				outcome, _ := play(t, test.variant, seed)
				if strings.HasPrefix(outcome, "double") || strings.HasPrefix(outcome, "loss") {
					t.Logf("seed %d: %s", seed, outcome)
					return
				}
			}
			t.Error("3000 runs with a rule left out showed no double and no loss")
		})
	}
}

// TestModelRepeatsARun plays some seeds twice: the same must be stored, byte for byte.
func TestModelRepeatsARun(t *testing.T) {
	v := with(func(v *variant) { v.trim, v.latest, v.rewind = true, true, true })
	for seed := range uint64(20) {
		var stored [2]map[string]StoredObject
		for i := range stored {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, v, seed)
				w.run()
				stored[i] = w.store.objects
			})
		}
		if diff := cmp.Diff(stored[0], stored[1]); diff != "" {
			t.Errorf("seed %d: %s", seed, diff)
		}
	}
}

func play(t *testing.T, v variant, seed uint64) (outcome string, seen occasions) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, v, seed)
		outcome, seen = w.run(), w.seen
	})
	return outcome, seen
}
