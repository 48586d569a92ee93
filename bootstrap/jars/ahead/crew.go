package ahead

import (
	"runtime"
	"slices"
	"sync"

	"clickstream/bootstrap/jars/blake3"
)

// mostWorkers are enough for jars that one core digests in 10 ms.
const mostWorkers = 8

// anyCore is where a worker is that the system may put where it likes.
const anyCore = -1

// cores returns a core for each worker, the one here last. There are none where it is no use to begin early. To ask the processor takes long on a
// virtual machine, so this is for those who have the time.
func cores(here int) []int {
	n := runtime.GOMAXPROCS(0)
	if n == 1 || !blake3.Fast() {
		return nil
	}
	all := allowedCores()
	if len(all) != n || n > mostWorkers { // others use them too
		return slices.Repeat([]int{anyCore}, min(n, mostWorkers))
	}
	if i := slices.Index(all, here); i >= 0 {
		all = append(slices.Delete(all, i, i+1), here)
	}
	return all
}

// crew is workers, each begun on a core of its own. The system puts a thread that begins or wakes up beside another one where the other core has
// something short to do just then, and looks only every few milliseconds whether a core has nothing to do: of two cores one did nothing for
// a fifth of a start.
type crew struct {
	running sync.WaitGroup
	workers chan int    // how many there are
	later   chan func() // what they do in the end
}

// start has prepare done, and then early by all workers but the last: its core has other things to do yet.
func (c *crew) start(cores func() []int, prepare, early func()) {
	c.workers = make(chan int, 1)
	c.running.Go(func() {
		all := cores()
		c.later = make(chan func(), len(all))
		c.workers <- len(all)
		if len(all) == 0 {
			return
		}
		begin(all[0])
		prepare()
		for i, core := range all[1:] {
			c.running.Go(func() {
				begin(core)
				if i < len(all)-2 {
					early()
				}
				c.end()
			})
		}
		early()
		c.end()
	})
}

// begin has this goroutine go on on a core. It is not locked to its thread there: whenever it yields, two threads would change places.
func begin(core int) {
	if core != anyCore {
		runtime.LockOSThread()
		moveTo(core)
		runtime.UnlockOSThread()
	}
}

func (c *crew) end() { (<-c.later)() }

// everywhere has each worker do something, and then they end.
func (c *crew) everywhere(do func()) {
	n := <-c.workers
	if n == 0 {
		byAnybody(do)
		return
	}
	var calls sync.WaitGroup
	calls.Add(n)
	for range n {
		c.later <- func() {
			defer calls.Done()
			do()
		}
	}
	calls.Wait()
}

// byAnybody has something done on all cores at once where nothing was begun.
func byAnybody(do func()) {
	var calls sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		calls.Go(do)
	}
	calls.Wait()
}
