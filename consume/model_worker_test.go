package consume

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"clickstream/internal/delivery"
	"clickstream/kcl/multilang"
)

// modelWorker is a child process and the part of its daemon that serves it. It is at once the process's standard output and its Store,
// where each call waits until the world serves it: so the world decides what happens first.
type modelWorker struct {
	world  *world
	id     int
	rules  *rules
	ctx    context.Context
	cancel context.CancelFunc
	input  *io.PipeWriter
	dead   bool

	mu        sync.Mutex      // what the process writes, which timers may wake while the world sleeps
	err       error           // what Run returned
	waiting   *request        // the store's turn
	abandoned []*StoredObject // requests that the worker has given up and that may still land
	output    []byte          // lines to the daemon

	asked    *multilang.ChildMessage // a checkpoint to be answered
	busy     string                  // the action that is being worked at
	start    int                     // the first record of the shard that it is to get
	next     int                     // the first one that was not delivered
	noticed  bool                    // the daemon is about to notice that the lease is lost
	claimKey string                  // for claimsFiledByStart
}

func newModelWorker(w *world, next int) *modelWorker {
	m := &modelWorker{world: w, id: w.spawned, start: next, next: next}
	m.rules = &rules{
		application: "app", stream: "stream", format: delivery.FormatJSONL, compression: delivery.CompressionNone, maxSize: 4 * unit, maxAge: 30 * time.Second,
	}
	if w.variant.expire && w.variant.broken != claimedAtAnyAge {
		m.rules.maxHold = modelHold
	}
	if w.variant.expire {
		m.rules.maxSilence = modelSilence
	}
	template := delivery.DefaultTemplate
	if w.variant.vary {
		m.rules.maxSize = int64(unit * (2 + w.random.IntN(5)))
		m.rules.maxAge = time.Duration(1+w.random.IntN(60)) * time.Second
	}
	if w.variant.templates && w.chance(.5) {
		template = "other/" + template
	}
	if w.variant.formats {
		m.rules.format = []string{delivery.FormatJSONL, delivery.FormatRaw}[w.random.IntN(2)]
		m.rules.compression = []string{delivery.CompressionNone, delivery.CompressionGzip}[w.random.IntN(2)]
	}
	m.rules.template, _ = delivery.ParseTemplate(template)
	m.ctx, m.cancel = context.WithCancel(context.Background())
	var input *io.PipeReader
	input, m.input = io.Pipe()
	m.startProcess(input)
	return m
}

// step lets a worker or its daemon do one thing.
func (w *world) step(m *modelWorker) {
	synctest.Wait()
	m.listen()
	r := m.takeRequest()
	switch {
	case m.dead:
	case r != nil && m.busy == "" && w.chance(.4): // the daemon goes on while a batch is in flight
		m.putBack(r)
		m.act()
	case r != nil:
		w.serve(r)
	case m.asked != nil:
		m.answerCheckpoint()
	case m.busy == "":
		m.act()
	default: // it sleeps between two attempts
		time.Sleep(time.Duration(1+w.random.IntN(5)) * time.Second)
	}
	synctest.Wait()
	m.listen()
}

func (m *modelWorker) takeRequest() *request {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.waiting
	m.waiting = nil
	return r
}

func (m *modelWorker) putBack(r *request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting = r
}

// inFlight reports whether the process stores a batch while it has answered all that the daemon said.
func (m *modelWorker) inFlight() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.busy == "" && m.waiting != nil
}

// listen takes in what the process has said since.
func (m *modelWorker) listen() {
	m.mu.Lock()
	output, abandoned, err := string(m.output), m.abandoned, m.err
	m.output, m.abandoned = m.output[:0], nil
	m.mu.Unlock()
	for _, o := range abandoned {
		if m.world.chance(.6) {
			m.world.late = append(m.world.late, lateRequest{*o, time.Now()})
		}
	}
	if err != nil && !m.dead {
		m.dead = true
		// A zombie may hold records that were trimmed before the shard's new worker could read them, and stops then.
		trimmed := m.id != m.world.owner && (m.world.variant.trim || m.world.variant.expire) && strings.Contains(err.Error(), "holds other records")
		if !trimmed && !errors.Is(err, errHeldTooLong) && !errors.Is(err, errSilence) {
			m.world.failure = fmt.Sprintf("worker %d: %v", m.id, err)
		}
	}
	for line := range strings.Lines(output) {
		message, err := multilang.ParseChildMessage([]byte(strings.TrimSpace(line)))
		switch {
		case err != nil:
			m.world.failure = err.Error()
		case message.Action == multilang.ActionCheckpoint:
			m.asked = message
		case message.ResponseFor == m.busy:
			m.answered()
		}
	}
}

// answered goes on after a status.
func (m *modelWorker) answered() {
	busy := m.busy
	m.busy = ""
	switch busy {
	case multilang.ActionShardEnded, multilang.ActionLeaseLost:
		m.kill()
	case multilang.ActionShutdownRequested:
		if m.world.chance(.5) {
			m.send(&multilang.DaemonMessage{Action: multilang.ActionLeaseLost})
		} else {
			m.kill()
		}
	}
}

// act sends the next message: records, mostly, whether the worker still holds the lease or not.
func (m *modelWorker) act() {
	w := m.world
	switch {
	case m.id != w.owner && (w.chance(.1) || m.noticed):
		if m.inFlight() {
			w.seen.lostInFlight++
		}
		m.send(&multilang.DaemonMessage{Action: multilang.ActionLeaseLost})
		return
	case w.variant.shutdown && w.chance(.03):
		if m.inFlight() {
			w.seen.stoppedInFlight++
		}
		m.send(&multilang.DaemonMessage{Action: multilang.ActionShutdownRequested})
		return
	case w.closed && m.next == len(w.shard) && m.id == w.owner:
		m.send(&multilang.DaemonMessage{Action: multilang.ActionShardEnded})
		return
	}
	// A daemon that goes on after a long time may deliver once before it notices that the lease is lost, not for ever.
	m.noticed = w.variant.expire && m.id != w.owner && time.Since(w.taken) > modelZombie
	from := m.next
	if w.chance(.05) { // some are read again
		from = max(m.start, w.horizon, m.next-3)
	}
	if w.variant.expire { // the stream has no more
		from, m.next = max(from, w.horizon), max(m.next, w.horizon)
	}
	to := min(len(w.shard), from+w.random.IntN(4))
	for to > from && to < len(w.shard) && w.shard[to].at.Sequence == w.shard[to-1].at.Sequence {
		to++ // an aggregate is delivered whole
	}
	message := &multilang.DaemonMessage{Action: multilang.ActionProcessRecords}
	for i := from; i < to; i++ {
		r := w.shard[i]
		message.Records = append(message.Records, multilang.Record{
			Data: []byte(r.data), PartitionKey: "key", SequenceNumber: r.at.Sequence, SubSequenceNumber: r.at.Sub,
			ApproximateArrivalTimestamp: time.UnixMilli(1_795_378_421_000 + int64(i)),
		})
	}
	m.next = max(m.next, to)
	if w.chance(.8) { // or the process would wait for what is in flight
		behind := int64(1 + len(w.shard) - to)
		message.MillisBehindLatest = &behind
	}
	if m.inFlight() {
		w.seen.fedInFlight++
	}
	m.send(message)
}

func (m *modelWorker) send(message *multilang.DaemonMessage) {
	m.busy = message.Action
	_, _ = m.input.Write(message.AppendLine(nil)) // fails when the process has ended
}

// answerCheckpoint is the daemon's side of a checkpoint.
func (m *modelWorker) answerCheckpoint() {
	w, asked := m.world, m.asked
	m.asked = nil
	reply := &multilang.DaemonMessage{Action: multilang.ActionCheckpoint, SequenceNumber: asked.SequenceNumber, SubSequenceNumber: asked.SubSequenceNumber}
	fate := w.random.Float64()
	switch {
	case fate < .03:
		reply.Error = "KinesisClientLibDependencyException"
	case m.id != w.owner:
		reply.Error = "ShutdownException"
	case asked.SequenceNumber == nil:
		w.ended = true
	default:
		p := delivery.Position{Sequence: *asked.SequenceNumber, Sub: *asked.SubSequenceNumber}
		if m.next == 0 || p.Compare(w.checkpoint) < 0 || p.Compare(w.shard[m.next-1].at) > 0 {
			w.failure = fmt.Sprintf("checkpoint at %s, behind %s, %d records delivered", p, w.checkpoint, m.next)
		}
		w.checkpoint = p
		if fate < .06 {
			reply.Error = "KinesisClientLibDependencyException" // written all the same
		}
	}
	_, _ = m.input.Write(reply.AppendLine(nil))
}

// kill ends the process where it stands. What it has sent may still land.
func (m *modelWorker) kill() {
	if m.dead {
		return
	}
	m.dead = true
	if m.inFlight() {
		m.world.seen.killedInFlight++
	}
	m.cancel()
	_ = m.input.Close()
	synctest.Wait()
	m.listen()
}

// Write takes the process's lines.
func (m *modelWorker) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.output = append(m.output, p...)
	return len(p), nil
}

// Create implements Store.
func (m *modelWorker) Create(ctx context.Context, o StoredObject) error {
	if m.world.variant.broken == claimsFiledByStart && strings.HasPrefix(o.Key, delivery.ClaimPrefix) {
		claim, err := delivery.ParseClaim(o.Body)
		if err != nil {
			return err
		}
		o.Key = delivery.ClaimKey("app", modelShard, claim.First)
		m.claimKey = o.Key
	}
	o.Body = []byte(string(o.Body))
	if m.world.variant.broken == storedAfterTheAnswer && delivery.IsData(o.Key) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.abandoned = append(m.abandoned, &o)
		return nil
	}
	_, err := m.request(ctx, &request{create: &o})
	return err
}

// Get implements Store.
func (m *modelWorker) Get(ctx context.Context, key string) (StoredObject, error) {
	if m.claimKey != "" && strings.HasPrefix(key, delivery.ClaimPrefix) {
		key = m.claimKey
	}
	o, err := m.request(ctx, &request{key: key})
	if err == nil && m.world.variant.broken == claimsLoseTheirKey && strings.HasPrefix(key, delivery.ClaimPrefix) {
		claim, err := delivery.ParseClaim(o.Body)
		if err != nil {
			return o, err
		}
		claim.Key = m.rules.template.Key(delivery.KeyFields{ShardID: modelShard, First: claim.First, End: claim.End})
		o.Body, err = claim.Encode()
		return o, err
	}
	return o, err
}

// Renew implements Store.
func (m *modelWorker) Renew(ctx context.Context, o StoredObject) error {
	if m.world.variant.broken == claimsAreNotRenewed {
		return nil
	}
	_, err := m.request(ctx, &request{renew: &o})
	return err
}

// Head implements Store.
func (m *modelWorker) Head(ctx context.Context, key string) (StoredObject, error) {
	return m.request(ctx, &request{key: key})
}

func (m *modelWorker) request(ctx context.Context, r *request) (StoredObject, error) {
	r.answer = make(chan error, 1)
	m.mu.Lock()
	m.waiting = r
	m.mu.Unlock()
	select {
	case err := <-r.answer:
		return r.object, err
	case <-ctx.Done():
		m.mu.Lock()
		defer m.mu.Unlock()
		m.waiting = nil
		if r.create != nil {
			m.abandoned = append(m.abandoned, r.create)
		}
		return StoredObject{}, ctx.Err()
	}
}
