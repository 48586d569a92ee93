package e2e_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"clickstream/e2e"
)

func TestMain(m *testing.M) {
	if os.Getenv(journalVariable) != "" {
		os.Exit(runJournal())
	}
	flag.Parse()
	// The tests wait more than they work.
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		if err := flag.Set("test.parallel", "6"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// testCase is one test of the body that runs on every endpoint.
type testCase struct {
	name string
	run  func(*scene)
}

// scene is where a case runs.
type scene struct {
	*testing.T
	at      *e2e.Endpoint
	program string
}

// app makes an application for the case, with settings that go over quick ones.
func (s *scene) app(settings map[string]string) *e2e.App {
	s.Helper()
	return e2e.NewApp(s.T, s.at, s.program, settings)
}

var cases = []testCase{
	{"whole flow", testWholeFlow},
	{"stream with other shards", testExistingStream},
	{"reshard", testReshard},
	{"order across a reshard", testOrder},
	{"killed", testKilled},
	{"checkpoint waits for the object", testCheckpointAfterObject},
	{"batch that another worker began", testClaims},
	{"refused records", testRefused},
	{"aggregated records", testAggregated},
	{"two applications", testTwoApplications},
	{"stopped for a while", testStopped},
	{"no bucket", testNoBucket},
	{"answers", testAnswers},
	{"mistakes", testMistakes},
	{"java daemon", testJavaDaemon},
	{"in a container", testInContainer},
}

// TestEndToEnd runs all cases on the embedded emulator, on LocalStack, and on what the environment names.
func TestEndToEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("whole flows by real processes are left out with -short")
	}
	program := e2e.Build(t, "..", "clickstream")
	named, err := e2e.FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	stock := beginStock(t, program) // mostly waits
	t.Run("embedded", func(t *testing.T) { runCases(t, e2e.Embedded(t), program) })
	t.Run("localstack", func(t *testing.T) {
		runCases(t, e2e.LocalStack(t), program)
	})
	for _, name := range slices.Sorted(maps.Keys(named)) {
		t.Run(name, func(t *testing.T) { runCases(t, named[name](t), program) })
	}
	t.Run("java daemon with stock settings", stock.finish)
}

func runCases(t *testing.T, at *e2e.Endpoint, program string) {
	t.Helper()
	for _, c := range cases {
		if c.name == "in a container" && at.Network == "" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(&scene{t, at, program})
		})
	}
}
