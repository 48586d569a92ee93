package click

import (
	"math/rand/v2"
	"strconv"
)

// resourceCount is how many resources the generator knows: enough that none of them is rare in a small sample, and few enough
// that all clicks can be rendered beforehand.
const resourceCount = 100

// Generated is a click that is ready to be sent. Its fields are shared by all equal clicks: do not change them.
type Generated struct {
	Click Click
	Key   string // the partition key, which is the resource
	JSON  []byte // the click's JSON object
}

// Generator makes random clicks: a resource from resource-1 to resource-100 and one of six referrers, each as likely as the
// others. One seed gives one sequence of clicks. A Generator is not for several goroutines at once.
type Generator struct {
	random *rand.Rand
	all    []Generated
}

// NewGenerator returns a generator whose clicks depend on nothing but the seed. All clicks are rendered here, so that making
// one costs a random number and no allocation.
func NewGenerator(seed uint64) *Generator {
	referrers := [...]string{
		"http://www.amazon.com/", "http://www.google.com/", "http://www.yahoo.com/",
		"http://www.bing.com/", "http://stackoverflow.com/", "http://www.reddit.com/",
	}
	g := &Generator{
		random: rand.New(rand.NewPCG(seed, 0x636c69636b)),
		all:    make([]Generated, 0, resourceCount*len(referrers)),
	}
	for i := range resourceCount {
		resource := "resource-" + strconv.Itoa(i+1)
		for _, referrer := range referrers {
			c := Click{Resource: resource, Referrer: referrer}
			g.all = append(g.all, Generated{Click: c, Key: resource, JSON: c.JSON()})
		}
	}
	return g
}

// Next returns the next click. What it points to stays as it is, and is shared.
func (g *Generator) Next() *Generated {
	return &g.all[g.random.IntN(len(g.all))]
}
