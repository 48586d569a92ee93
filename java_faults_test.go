//go:build linux

package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"clickstream/emulator"
)

// Of these calls none is made by anything else in the test, PutRecords excepted, which produce makes: what happens to them happens to the Java daemon.
var (
	faultsOfLeases = []string{
		"dynamodb:UpdateItem after=2 first=1 throttle", "dynamodb:UpdateItem after=4 first=1 error", "dynamodb:UpdateItem after=6 first=1 delay=300ms",
		"dynamodb:UpdateItem after=8 first=1 drop-before", "dynamodb:UpdateItem after=10 first=1 drop-after", "dynamodb:UpdateItem after=12 first=1 duplicate",
		"kinesis:PutRecords every=5 throttle records=0.3",
	}
	faultsOfPolling = []string{
		"kinesis:GetShardIterator first=1 throttle",
		"kinesis:GetRecords after=2 first=1 throttle", "kinesis:GetRecords after=4 first=1 error", "kinesis:GetRecords after=6 first=1 delay=300ms",
		"kinesis:GetRecords after=8 first=1 drop-before", "kinesis:GetRecords after=10 first=1 drop-after", "kinesis:GetRecords after=12 first=1 duplicate",
		"kinesis:GetRecords after=14 first=1 advance=6m", // its iterator is too old
		"kinesis:GetRecords after=16 first=1 stall",
	}
	faultsOfFanOut = []string{
		"kinesis:RegisterStreamConsumer first=1 throttle",
		"kinesis:SubscribeToShard first=1 stall events=2", "kinesis:SubscribeToShard first=1 error=InternalFailureException events=2",
		"kinesis:SubscribeToShard first=1 drop-after events=2", "kinesis:SubscribeToShard first=1 throttle", "kinesis:SubscribeToShard first=1 error",
		"kinesis:SubscribeToShard first=1 drop-before", "kinesis:SubscribeToShard first=1 delay=300ms",
		"kinesis:DescribeStreamConsumer first=1 duplicate",
	}
)

// TestFaultsReachTheJavaDaemon lets each kind of fault happen to calls that the real Java daemon makes, on its leases and on its reading. It gets over
// all of them: in the end each record is stored once.
func TestFaultsReachTheJavaDaemon(t *testing.T) {
	t.Parallel()
	for retrieval, rules := range map[string][]string{"POLLING": faultsOfPolling, "FANOUT": faultsOfFanOut} {
		t.Run(retrieval, func(t *testing.T) {
			t.Parallel()
			const records, more = 3000, 200
			settings := strings.Replace(busy, "3600000", "500", 1) + "retrievalMode = " + retrieval + "\n"
			s := newSite(t, withJava(t, ""), settings)
			s.fault(append(rules, faultsOfLeases...)...)
			producer := s.clickstream("produce", "--records", "3000", "--batch", "50", "--tps", "50", "--quiet")
			daemon := s.clickstream("bootstrap", "-e")
			look := time.NewTicker(200 * time.Millisecond)
			defer look.Stop()
			daemon.until("all faults have happened", func() bool {
				<-look.C
				return len(s.waiting()) == 0
			})
			if code := producer.exitCode(); code != 0 {
				t.Fatalf("produce: exit code %d:\n%s", code, producer.output.String())
			}
			s.fault()
			s.must("produce", "--records", "200", "--batch", "50", "--tps", "0", "--quiet") // a call that is stalled yet has to be given up for these
			daemon.until("all records are stored", func() bool {
				<-look.C
				return s.stored() == records+more
			})
			_ = daemon.cmd.Process.Signal(syscall.SIGTERM)
			if code := daemon.exitCode(); code != 0 || s.stored() != records+more {
				t.Errorf("exit code %d, %d records stored after an orderly stop:\n%s", code, s.stored(), daemon.output.String())
			}
		})
	}
}

// faultsOf asks the emulator of a site about its faults.
func (s *site) faultsOf(method, body string) []struct {
	Fault string
	Fired int
} {
	s.t.Helper()
	url := regexp.MustCompile(`http://\S+`).FindString(s.emulator.output.String())
	request, err := http.NewRequestWithContext(s.t.Context(), method, url+emulator.FaultsPath, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var shown struct {
		Faults []struct {
			Fault string
			Fired int
		}
		Error string
	}
	if err := json.NewDecoder(response.Body).Decode(&shown); err != nil || shown.Error != "" {
		s.t.Fatalf("%s: %v", shown.Error, err)
	}
	return shown.Faults
}

// fault puts rules in place of all that there are.
func (s *site) fault(rules ...string) {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"seed": 7, "faults": append([]string{}, rules...)})
	if err != nil {
		s.t.Fatal(err)
	}
	s.faultsOf(http.MethodPut, string(body))
}

// waiting are the rules that nothing has gone wrong by yet.
func (s *site) waiting() []string {
	s.t.Helper()
	var waiting []string
	for _, one := range s.faultsOf(http.MethodGet, "") {
		if one.Fired == 0 {
			waiting = append(waiting, one.Fault)
		}
	}
	return waiting
}
