package sdks_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator"
)

// TestFaultsReachPython lets each kind of fault happen to a put by boto3, which tries again where nothing, or nothing good, is answered.
func TestFaultsReachPython(t *testing.T) {
	if testing.Short() {
		t.Skip("boto3 waits between its attempts, which -short leaves out")
	}
	python, ok := absolute(t, "python", "bin", "python")
	need(t, "boto3", ok)
	e := emulator.ServeT(t)
	want := "throttle 2 1\nerror 2 1\ndelay=10ms 1 1\ndrop-before 2 1\ndrop-after 2 1\nduplicate 1 1\nstall 2 1\n"
	if diff := cmp.Diff(want, run(t, nil, python, "faults.py", e.URL)); diff != "" {
		t.Error(diff)
	}
	records, err := e.Kinesis().Records("clicks")
	if err != nil || len(records) != 10 { // one of each, and another where the answer was lost, or the request came twice
		t.Errorf("%d records, %v", len(records), err)
	}
}

// TestTimePassesForPython puts the time forward between calls of boto3: an iterator expires, then the record.
func TestTimePassesForPython(t *testing.T) {
	if testing.Short() {
		t.Skip("boto3 takes a second to start, which -short leaves out")
	}
	python, ok := absolute(t, "python", "bin", "python")
	need(t, "boto3", ok)
	want := "1 record\nadvanced by 6m0s\nthe iterator has expired\n1 record\nadvanced by 24h6m0s\n0 records\n"
	if diff := cmp.Diff(want, run(t, nil, python, "time_passes.py", emulator.ServeT(t).URL)); diff != "" {
		t.Error(diff)
	}
}
