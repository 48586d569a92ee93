package consume

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"

	"clickstream/internal/delivery"
	"clickstream/kcl"
	"clickstream/kcl/multilang"
)

// variant says what may happen in a run of the model besides crashes, steals, zombies, late and lost requests.
type variant struct {
	vary, aggregates, templates, formats bool // workers with other limits, templates, formats; aggregates
	trim, latest, rewind                 bool // the horizon moves; LATEST is resolved anew; the checkpoint is moved back by hand
	shutdown                             bool
	expire                               bool // records and claims grow too old, by the times below
	broken                               mutant
}

// mutant is a rule left out, by a store that undoes it.
type mutant int

const (
	sound mutant = iota
	claimsNeverConflict
	claimsLoseTheirKey
	claimsFiledByStart
	claimedAtAnyAge
	claimsAreNotRenewed
	storedAfterTheAnswer
)

// occasions counts what a run has had of what is rare.
type occasions struct {
	fedInFlight, killedInFlight, lostInFlight, stoppedInFlight int // while a batch was being stored: records, a crash, leaseLost, shutdownRequested
}

func (o *occasions) add(p occasions) {
	o.fedInFlight, o.killedInFlight = o.fedInFlight+p.fedInFlight, o.killedInFlight+p.killedInFlight
	o.lostInFlight, o.stoppedInFlight = o.lostInFlight+p.lostInFlight, o.stoppedInFlight+p.stoppedInFlight
}

// The times of a variant that expires: the real ones with ten minutes for a day, which would only be more attempts in vain.
const (
	modelRetention = 20 * time.Minute // of the stream
	modelReserve   = 70 * time.Minute // for which claims live longer than that
	modelHold      = 10 * time.Minute // rules.maxHold
	modelSilence   = 50 * time.Minute // rules.maxSilence
	modelZombie    = 5 * time.Minute  // after which a daemon that runs has noticed a lost lease
	modelLateness  = 2 * time.Minute  // after which S3 refuses a request that was signed before
)

// unit is the data size of the smallest record.
const unit = 24

const modelShard = "shardId-000000000007"

// modelRecord is a record of the shard.
type modelRecord struct {
	at   delivery.Position
	data string
	put  time.Time
}

// lateRequest is one whose sender is dead or no longer waits.
type lateRequest struct {
	object StoredObject
	since  time.Time
}

// world is one run: one shard, one bucket, one lease, and workers that come and go.
type world struct {
	t       *testing.T
	variant variant
	random  *rand.Rand

	pending []modelRecord // not yet put
	shard   []modelRecord
	closed  bool
	horizon int // records trimmed
	gone    map[delivery.Position]bool

	checkpoint delivery.Position
	owner      int
	taken      time.Time // when the owner got the lease
	ended      bool

	store   memoryStore
	claimed map[string]time.Time // when claims were made
	late    []lateRequest
	workers []*modelWorker
	spawned int
	steals  int
	failure string
	seen    occasions
	wait    sync.WaitGroup
}

func newWorld(t *testing.T, v variant, seed uint64) *world {
	t.Helper()
	w := &world{t: t, variant: v, random: rand.New(rand.NewPCG(seed, 0)), gone: make(map[delivery.Position]bool), claimed: make(map[string]time.Time)}
	total, number := 5+w.random.IntN(10), 100
	for len(w.pending) < total {
		count := 1
		if v.aggregates && w.chance(.5) {
			count = 2 + w.random.IntN(3)
		}
		for sub := range count {
			at := delivery.Position{Sequence: fmt.Sprint(number), Sub: int64(sub)}
			end := "."
			if v.formats && w.chance(.1) {
				end = "\n"
			}
			data := at.String() + "|"
			data += strings.Repeat("x", unit*(1+w.random.IntN(3))-len(data)-1) + end
			w.pending = append(w.pending, modelRecord{at: at, data: data})
		}
		number += 1 + w.random.IntN(1000)
	}
	return w
}

func (w *world) chance(p float64) bool { return w.random.Float64() < p }

// run plays until the shard's end is checkpointed, and says what is wrong then: "", "double …", "loss …", "stuck" or an error.
func (w *world) run() string {
	w.spawn()
	for step := 0; !w.ended && w.failure == ""; step++ {
		if step == 6000 {
			w.failure = "stuck"
			break
		}
		w.happen()
		w.step(w.workers[w.random.IntN(len(w.workers))])
	}
	for range 200 * len(w.workers) { // zombies go on after the end
		w.step(w.workers[w.random.IntN(len(w.workers))])
	}
	for _, worker := range w.workers {
		worker.kill()
	}
	w.wait.Wait()
	for i := range w.late {
		w.land(i)
	}
	if w.failure != "" {
		return w.failure
	}
	return w.judge()
}

// happen is what goes on beside the workers: records come, requests land late, leases are stolen, processes die, time passes.
func (w *world) happen() {
	rate := .5
	if w.variant.expire {
		rate = .1 // or all records would be there before anything expires
	}
	if len(w.pending) > 0 && w.chance(rate) {
		n := 1
		for n < len(w.pending) && w.pending[n].at.Sequence == w.pending[0].at.Sequence {
			n++
		}
		for i := range n {
			w.pending[i].put = time.Now()
		}
		w.shard, w.pending = append(w.shard, w.pending[:n]...), w.pending[n:]
	}
	if len(w.pending) == 0 && w.chance(.2) {
		w.closed = true
	}
	if len(w.late) > 0 && w.chance(.15) {
		i := w.random.IntN(len(w.late))
		w.land(i)
		w.late = append(w.late[:i], w.late[i+1:]...)
	}
	if w.chance(.1) {
		time.Sleep(time.Duration(w.random.IntN(20)) * time.Second)
	}
	w.expire()
	holder := w.holder()
	if w.steals < 4 && w.chance(.04) {
		w.steals++
		if w.chance(.4) && holder != nil {
			holder.kill()
		}
		holder = nil
	}
	if holder == nil {
		w.spawn()
	}
}

// land lets a late request arrive, if it is not too late.
func (w *world) land(i int) {
	if !w.variant.expire || time.Since(w.late[i].since) < modelLateness {
		_ = w.create(w.late[i].object)
	}
}

// expire lets time pass now and then by which records leave the stream, and claims the bucket.
func (w *world) expire() {
	if !w.variant.expire {
		return
	}
	switch {
	case w.chance(.02):
		time.Sleep(time.Duration(1+w.random.IntN(90)) * time.Minute)
	case w.chance(.03) && len(w.claimed) > 0: // around the end of a claim most can go wrong
		oldest := slices.MinFunc(slices.Collect(maps.Values(w.claimed)), time.Time.Compare)
		until := time.Until(oldest.Add(modelRetention + modelReserve))
		time.Sleep(max(0, until+time.Duration(w.random.IntN(16)-10)*time.Minute))
	}
	horizon := w.horizon
	for horizon < len(w.shard) && time.Since(w.shard[horizon].put) > modelRetention {
		horizon++
	}
	if horizon > w.horizon {
		w.horizon = horizon
		w.lose(horizon)
	}
	for key, made := range w.claimed {
		if time.Since(made) > modelRetention+modelReserve {
			w.store.delete(key)
			delete(w.claimed, key)
		}
	}
}

// holder is the living worker that holds the lease.
func (w *world) holder() *modelWorker {
	for _, worker := range w.workers {
		if worker.id == w.owner && !worker.dead {
			return worker
		}
	}
	return nil
}

// spawn starts a worker at the checkpoint and gives it the lease.
func (w *world) spawn() {
	w.spawned++
	w.owner, w.taken = w.spawned, time.Now()
	if w.spawned > 1 {
		w.moveStart()
	}
	start, initial := w.firstAfter(w.checkpoint), kcl.TrimHorizon
	if w.variant.latest && w.spawned > 1 && w.checkpoint.IsStart() && len(w.shard) > 0 {
		start, initial = len(w.shard), kcl.Latest
		w.lose(start)
	}
	start = max(start, w.horizon)
	if !w.checkpoint.IsStart() {
		initial = w.checkpoint.Sequence
	}
	worker := newModelWorker(w, start)
	w.workers = append(w.workers, worker)
	worker.send(&multilang.DaemonMessage{
		Action: multilang.ActionInitialize, ShardID: modelShard, SequenceNumber: &initial, SubSequenceNumber: &w.checkpoint.Sub,
	})
}

// moveStart lets the horizon move on and the checkpoint be moved back, while nobody reads.
func (w *world) moveStart() {
	if w.variant.trim && w.chance(.5) {
		horizon := w.horizon + w.random.IntN(5)
		for horizon < len(w.shard) && horizon > 0 && w.shard[horizon].at.Sequence == w.shard[horizon-1].at.Sequence {
			horizon++
		}
		w.horizon = min(horizon, len(w.shard))
		w.lose(w.horizon)
	}
	if w.variant.rewind && w.chance(.2) {
		w.checkpoint = delivery.Position{}
	}
}

// lose notes that nobody can be blamed for the first n records, unless their checkpoint says that they are stored.
func (w *world) lose(n int) {
	for _, r := range w.shard[:n] {
		if r.at.Compare(w.checkpoint) > 0 {
			w.gone[r.at] = true
		}
	}
}

func (w *world) firstAfter(p delivery.Position) int {
	i := 0
	for i < len(w.shard) && w.shard[i].at.Compare(p) <= 0 {
		i++
	}
	return i
}

// create is what the bucket does with a PUT.
func (w *world) create(o StoredObject) error {
	if w.variant.broken == claimsNeverConflict && strings.HasPrefix(o.Key, delivery.ClaimPrefix) {
		return nil
	}
	err := w.store.Create(context.Background(), o)
	if err == nil && strings.HasPrefix(o.Key, delivery.ClaimPrefix) {
		w.claimed[o.Key] = time.Now()
	}
	return err
}

// judge compares what is stored with what the shard held.
func (w *world) judge() string {
	counts := make(map[string]int)
	for _, key := range w.store.keys() {
		if strings.HasPrefix(key, delivery.ErrorPrefix) {
			name, _, _ := strings.Cut(string(w.store.objects[key].Body), "|")
			counts[name]++
		}
		if delivery.IsData(key) {
			object, _ := w.store.read(w.t, key)
			for _, data := range object.Records {
				name, _, _ := strings.Cut(string(data), "|")
				counts[name]++
			}
		}
	}
	for _, r := range w.shard {
		switch n := counts[r.at.String()]; {
		case n > 1:
			return fmt.Sprintf("double: %s is stored %d times", r.at, n)
		case n == 0 && !w.gone[r.at]:
			return fmt.Sprintf("loss: %s is not stored", r.at)
		}
	}
	return ""
}

var errFault = errors.New("a fault of the store")

// request is a call of a worker's to the store that waits to be served.
type request struct {
	create *StoredObject
	renew  *StoredObject
	key    string // to be read, where neither is set
	answer chan error
	object StoredObject
}

// serve answers a worker's request, mostly.
func (w *world) serve(r *request) {
	fate := w.random.Float64()
	if fate < .05 { // never arrived
		r.answer <- errFault
		return
	}
	var err error
	switch {
	case r.create != nil:
		err = w.create(*r.create)
	case r.renew != nil:
		if err = w.store.Renew(context.Background(), *r.renew); err == nil {
			w.claimed[r.renew.Key] = time.Now()
		}
	default:
		r.object, err = w.store.Get(context.Background(), r.key)
	}
	if fate < .1 { // the reply is lost
		err = errFault
	}
	r.answer <- err
}

var _ io.Writer = (*modelWorker)(nil)

// startProcess runs the real processor behind the real protocol.
func (m *modelWorker) startProcess(input io.Reader) {
	log := logrus.NewEntry(&logrus.Logger{Out: io.Discard, Formatter: &logrus.TextFormatter{}, Level: logrus.PanicLevel})
	wait := &patience{log: log, permanent: func(error) bool { return false }, random: rand.New(rand.NewPCG(m.world.random.Uint64(), 1))}
	p := &processor{open: func(_ context.Context, shardID string) (*chain, error) {
		return &chain{rules: *m.rules, shardID: shardID, store: &patientStore{m, wait}, wait: wait, log: log}, nil
	}}
	m.world.wait.Go(func() {
		defer p.close()
		err := kcl.Run(m.ctx, input, m, p)
		m.mu.Lock()
		defer m.mu.Unlock()
		m.err = err
	})
	synctest.Wait()
}
