package kinesis_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestDifferential makes the same random calls to the emulator and to another emulator of Kinesis, and fails on every difference that
// knownDifferences does not hold. It shows the shortest run of calls that leads to it.
//
//	KINESIS_PEER=http://127.0.0.1:4568 go test -run TestDifferential ./emulator/kinesis
//
// KINESIS_PEER_NAME is kinesis-mock or ferrokinesis, for what is known of each. KINESIS_PEER_CALLS (3000) is how many calls to make, KINESIS_PEER_SEED (1) where to begin. The peer's account is 000000000000, and its
// streams change their state within milliseconds. All its streams are deleted.
func TestDifferential(t *testing.T) {
	t.Parallel()
	address := os.Getenv("KINESIS_PEER")
	if address == "" {
		const missing = "KINESIS_PEER is not set: npm install kinesis-local, start it as docs/emulator.md says, and give its address"
		if os.Getenv("CI") == "true" && !testing.Short() {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	calls, seed := number(t, "KINESIS_PEER_CALLS", 3000), uint64(number(t, "KINESIS_PEER_SEED", 1))
	const callsPerRun = 60
	found := map[string]*difference{}
	known := map[string]int{}
	made := 0
	for ; made < calls; seed++ {
		g := newGenerator(seed, os.Getenv("KINESIS_PEER_NAME") == ferrokinesis)
		for range callsPerRun {
			g.next()
		}
		d, ran := compareRuns(t, address, g.calls, known)
		made += ran
		switch {
		case d == nil:
		case found[d.key] == nil:
			found[d.key] = shrink(t, address, d)
			found[d.key].seed = seed
		default:
			found[d.key].count++
		}
	}
	t.Logf("%d calls; known differences met: %v", made, known)
	for _, key := range slices.Sorted(maps.Keys(found)) {
		t.Errorf("%s", found[key])
	}
}

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// difference is a call that the sides answered differently, at the end of a run.
type difference struct {
	key          string // operation and what differs
	run          []call
	ours, theirs answer
	seed         uint64
	count        int
}

// String shows the run and both answers.
func (d *difference) String() string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "%s (seed %d, and %d times more)\n", d.key, d.seed, d.count)
	for _, one := range d.run {
		_, _ = fmt.Fprintf(&b, "  %d %s %s\n", one.number, one.operation, one.body)
	}
	_, _ = fmt.Fprintf(&b, "ours   %d %.1500s\ntheirs %d %.1500s", d.ours.status, d.ours.text, d.theirs.status, d.theirs.text)
	return b.String()
}

// answer is what one side says to a call.
type answer struct {
	status int
	text   []byte
	body   map[string]any
}

func (a answer) short() string {
	if a.status == http.StatusOK {
		return "200"
	}
	kind := fmt.Sprint(a.body["__type"])
	return strconv.Itoa(a.status) + " " + kind[strings.LastIndexByte(kind, '#')+1:]
}

// side is one of the two, with its answers by the calls' numbers.
type side struct {
	send    func(operation string, body []byte) (int, []byte, error)
	answers map[int]answer
}

var placeholder = regexp.MustCompile(`\$(\d+)\.(\w+)`)

// has says whether there is an answer to everything that a call refers to.
func (s *side) has(one call) bool {
	for _, match := range placeholder.FindAllStringSubmatch(one.body, -1) {
		index, _ := strconv.Atoi(match[1]) // digits
		if _, ok := s.answers[index].body[match[2]].(string); !ok {
			return false
		}
	}
	return true
}

// call sends a call with its references replaced.
func (s *side) call(one call) (answer, error) {
	body := placeholder.ReplaceAllStringFunc(one.body, func(text string) string {
		match := placeholder.FindStringSubmatch(text)
		index, _ := strconv.Atoi(match[1]) // digits
		if value, ok := s.answers[index].body[match[2]].(string); ok {
			return value
		}
		return "none"
	})
	status, text, err := s.send(one.operation, []byte(body))
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", one.operation, body, err)
	}
	got := answer{status: status, text: text, body: map[string]any{}}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &got.body); err != nil {
			got.body["__type"] = "no JSON"
		}
	}
	if s.answers == nil {
		s.answers = map[int]answer{}
	}
	s.answers[one.number] = got
	return got, nil
}

// peerSide talks to a peer, whose streams are deleted first.
func peerSide(t *testing.T, address string) *side {
	t.Helper()
	s := &side{send: func(operation string, body []byte) (int, []byte, error) {
		const patience = 30 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
		if err != nil {
			return 0, nil, err
		}
		request.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
		request.Header.Set("Content-Type", jsonType)
		request.Header.Set("X-Amz-Date", "20261123T000000Z")
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, nil, err
		}
		defer func() { _ = response.Body.Close() }()
		text, err := io.ReadAll(response.Body)
		return response.StatusCode, text, err
	}}
	for _, name := range []string{"a", "b", "c"} {
		if _, err := s.call(call{-1, "DeleteStream", `{"StreamName":"` + name + `","EnforceConsumerDeletion":true}`}); err != nil {
			t.Fatal(err)
		}
	}
	s.settle(t)
	return s
}

// settle waits until nothing of a peer is changing its state.
func (s *side) settle(t *testing.T) {
	t.Helper()
	for _, name := range []string{"a", "b", "c"} {
		if s.settled(t, call{-1, "DescribeStreamSummary", `{"StreamName":"` + name + `"}`}) {
			s.settled(t, call{-1, "ListStreamConsumers", `{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/` + name + `"}`})
		}
	}
}

var changing = regexp.MustCompile(`"(CREATING|UPDATING|DELETING)"`)

// settled asks until the answer tells of no change any more, and says whether it is one at all.
func (s *side) settled(t *testing.T, question call) bool {
	t.Helper()
	const patience = time.Minute
	for began := time.Now(); ; {
		got, err := s.call(question)
		if err != nil {
			t.Fatal(err)
		}
		if got.status != http.StatusOK || !changing.Match(got.text) {
			return got.status == http.StatusOK
		}
		if time.Since(began) > patience {
			t.Fatalf("%s: after %v still %s", question.operation, patience, got.text)
		}
	}
}

// compareRuns makes calls to both sides up to the first difference that is not known, and says how many it made. It counts known ones;
// after one by which the sides no longer hold the same, it ends.
func compareRuns(t *testing.T, address string, calls []call, known map[string]int) (*difference, int) {
	t.Helper()
	s := newServer(t)
	ours := &side{send: func(operation string, body []byte) (int, []byte, error) {
		status, reply := s.post(t, operation, jsonType, body)
		return status, reply, nil
	}}
	theirs := peerSide(t, address)
	reads := regexp.MustCompile(`^(Describe|List|Get|Put)`)
	for i, one := range calls {
		if !ours.has(one) {
			continue // it takes up an answer that never was
		}
		mine, errMine := ours.call(one)
		other, errOther := theirs.call(one)
		if err := errors.Join(errMine, errOther); err != nil {
			t.Fatal(err)
		}
		unknown := ""
		for _, what := range differing(mine, other) {
			if isKnown(one, what) {
				known[one.operation+": "+what]++
			} else {
				unknown += " " + what
			}
		}
		if unknown != "" {
			return &difference{key: one.operation + ":" + unknown, run: calls[:i+1], ours: mine, theirs: other}, i + 1
		}
		reading := reads.MatchString(one.operation)
		switch {
		case reading:
		case (mine.status == http.StatusOK) != (other.status == http.StatusOK):
			return nil, i + 1
		case one.operation == "UpdateShardCount" && mine.status == http.StatusOK:
			return nil, i + 1 // by which splits and merges is up to the service
		}
		if !reading && other.status == http.StatusOK {
			theirs.settle(t)
		}
	}
	return nil, len(calls)
}

// differing names what differs between two answers: their status and errors, or the paths of members.
func differing(ours, theirs answer) []string {
	if ours.short() != theirs.short() {
		return []string{ours.short() + " | " + theirs.short()}
	}
	if ours.status != http.StatusOK {
		return nil // messages are words
	}
	var paths []string
	collect("", normal(ours.body), normal(theirs.body), &paths)
	return slices.Compact(slices.Sorted(slices.Values(paths)))
}

// collect adds the paths at which two values differ; elements of lists are all called [].
func collect(path string, ours, theirs any, paths *[]string) {
	switch ours := ours.(type) {
	case map[string]any:
		theirs, _ := theirs.(map[string]any)
		all := maps.Clone(ours)
		maps.Copy(all, theirs)
		for name := range all {
			collect(path+"."+name, ours[name], theirs[name], paths)
		}
	case []any:
		theirs, ok := theirs.([]any)
		if !ok || len(ours) != len(theirs) {
			*paths = append(*paths, path)
			return
		}
		for i := range ours {
			collect(path+"[]", ours[i], theirs[i], paths)
		}
	default:
		if fmt.Sprint(ours) != fmt.Sprint(theirs) {
			*paths = append(*paths, path)
		}
	}
}

// normal leaves out what no two services can agree on: numbers that hold the time, opaque texts, limits of accounts.
func normal(body map[string]any) map[string]any {
	rest := map[string]any{}
	for name, value := range body {
		switch name {
		case "SequenceNumber", "StartingSequenceNumber", "EndingSequenceNumber", "ShardIterator", "NextShardIterator", "NextToken":
			rest[name] = "there"
		case "StreamCreationTimestamp", "ConsumerCreationTimestamp", "ApproximateArrivalTimestamp", "MillisBehindLatest", "ConsumerARN",
			"ShardLimit", "OnDemandStreamCountLimit", "ChannelCount", "ChannelCountLimit", "ConsumerStatus":
		case "StreamStatus":
		default:
			rest[name] = normalValue(value)
		}
		if value == nil {
			delete(rest, name)
		}
	}
	return rest
}

func normalValue(value any) any {
	switch value := value.(type) {
	case map[string]any:
		return normal(value)
	case []any:
		list := make([]any, len(value))
		for i := range value {
			list[i] = normalValue(value[i])
		}
		return list
	default:
		return value
	}
}

// shrink looks for the shortest run that still leads to a difference, by leaving out calls, many at once and then fewer.
func shrink(t *testing.T, address string, d *difference) *difference {
	t.Helper()
	for size := len(d.run) / 2; size > 0; size /= 2 {
		for from := 0; from+size < len(d.run); {
			shorter := slices.Delete(slices.Clone(d.run), from, from+size)
			if again, _ := compareRuns(t, address, shorter, map[string]int{}); again != nil && again.key == d.key {
				d = again
			} else {
				from += size
			}
		}
	}
	return d
}
