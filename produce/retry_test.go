package produce_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"clickstream/produce"
)

func TestOnlyRefusedRecordsAreSentAgain(t *testing.T) {
	f := active(3)
	refusals := map[string]int{} // by data and call, so that what is sent again can be foreseen
	var want [][]stored
	f.refuse = func(call, index int, r types.PutRecordsRequestEntry) string {
		if call < 6 && (call+index)%3 == 0 {
			for len(want) <= call {
				want = append(want, nil)
			}
			want[call] = append(want[call], stored{*r.PartitionKey, *r.ExplicitHashKey, string(r.Data)})
			refusals["all"]++
			return "ProvisionedThroughputExceededException"
		}
		return ""
	}
	got := run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.Batch, cfg.Records = 10, 20 })
	got.must(t)
	for call, refused := range want {
		if diff := cmp.Diff(refused, f.calls[call+1].records); len(refused) > 0 && diff != "" {
			t.Errorf("after call %d (-refused +sent again):\n%s", call, diff)
		}
	}
	if n := len(f.all()); n != 20 || got.summary.Stored != 20 || got.summary.Retried != int64(refusals["all"]) || refusals["all"] == 0 {
		t.Errorf("%d records, %d refusals, summary %+v", n, refusals["all"], got.summary)
	}
	if !strings.Contains(got.log, "ProvisionedThroughputExceededException") {
		t.Errorf("no word of it: %s", got.log)
	}
}

func TestRefusedForLongIsNotGivenUp(t *testing.T) {
	f := active(1)
	begin := time.Time{}
	f.refuse = func(_, _ int, _ types.PutRecordsRequestEntry) string {
		if begin.IsZero() {
			begin = time.Now()
		}
		if time.Since(begin) < 24*time.Hour {
			return "InternalFailure"
		}
		return ""
	}
	got := run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.Records = 5 })
	got.must(t)
	if calls := len(f.calls); len(f.all()) != 5 || calls < 24*3600/5 || calls > 2*24*3600/5+100 {
		t.Errorf("%d records after %d calls", len(f.all()), calls)
	}
}

func TestFailedRequestsAreSentAgain(t *testing.T) {
	f := active(2)
	passing := []error{
		errReset, &smithy.GenericAPIError{Code: "ThrottlingException"}, &types.ProvisionedThroughputExceededException{},
		&smithy.GenericAPIError{Code: "InternalFailure", Fault: smithy.FaultServer}, context.DeadlineExceeded,
	}
	f.fail = func(call int) error {
		if call < len(passing) {
			return passing[call]
		}
		return nil
	}
	got := run(t, f, asIs)
	got.must(t)
	for i := range passing {
		if diff := cmp.Diff(f.calls[0].records, f.calls[i+1].records); diff != "" {
			t.Errorf("call %d differs:\n%s", i+1, diff)
		}
	}
	s := got.summary
	if len(f.all()) != 20 || s.FailedRequests != 5 || s.Retried != 25 || s.Requests != 9 || s.Uncertain != 15 {
		t.Errorf("%d records, summary %+v", len(f.all()), s)
	}
}

func TestALostAnswerIsCountedAsUncertain(t *testing.T) {
	f := active(2)
	f.lose = func(call int) error {
		if call == 1 {
			return errReset
		}
		return nil
	}
	got := run(t, f, asIs)
	got.must(t)
	if len(f.all()) != 25 || got.summary.Stored != 20 || got.summary.Uncertain != 5 {
		t.Errorf("%d records, summary %+v", len(f.all()), got.summary)
	}
	if !strings.Contains(got.out, "5 records had no answer") {
		t.Errorf("no word of it:\n%s", got.out)
	}
}

func TestErrorsThatCannotPassEndTheRun(t *testing.T) {
	for _, test := range []struct {
		err  error
		text string
	}{
		{&smithy.GenericAPIError{Code: "AccessDeniedException"}, "put records into stream clicks: access denied"},
		{&smithy.OperationError{ServiceID: "Kinesis", Err: &types.ResourceNotFoundException{}}, "put records into stream clicks: there is no such stream"},
		{&types.KMSInvalidStateException{}, "KMSInvalidStateException"},
	} {
		f := active(2)
		f.fail = func(call int) error {
			if call == 2 {
				return test.err
			}
			return nil
		}
		got := run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) {
			cfg.Records, cfg.InFlight, cfg.TPS = 0, 3, 0
			f.latency = time.Millisecond
		})
		got.wantError(t, 2, test.text)
		if s := got.summary; s.Stored != int64(len(f.all())) || s.Failed != 5 {
			t.Errorf("%d records, summary %+v", len(f.all()), s)
		}
	}
}

func TestARequestWithoutAnswerIsNotWaitedForWithoutEnd(t *testing.T) {
	f := active(2)
	f.slow = func(call int) time.Duration {
		if call == 1 {
			return 24 * time.Hour
		}
		return 0
	}
	got := run(t, f, asIs)
	got.must(t)
	if gap := f.calls[2].at.Sub(f.calls[1].at); gap < time.Minute || gap > 70*time.Second {
		t.Errorf("sent again after %v, want a minute", gap)
	}
	if diff := cmp.Diff(f.calls[1].records, f.calls[2].records); diff != "" || got.summary.Uncertain != 5 {
		t.Errorf("summary %+v, sent again:\n%s", got.summary, diff)
	}
}

func TestPausesGrowUntilSomethingGoesThrough(t *testing.T) {
	f := active(1)
	f.refuse = func(call, index int, _ types.PutRecordsRequestEntry) string {
		if call < 12 && (call != 9 || index > 0) {
			return "ProvisionedThroughputExceededException"
		}
		return ""
	}
	run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.Records, cfg.TPS = 5, 0 }).must(t)
	longest := []int{ // in milliseconds; of call 9 one record went through
		100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000, 50, 100, 200,
	}
	for i, milliseconds := range longest {
		most := time.Duration(milliseconds) * time.Millisecond
		if gap := f.calls[i+1].at.Sub(f.calls[i].at); gap < most/2 || gap > most {
			t.Errorf("the pause after call %d is %v, want from %v to %v", i, gap, most/2, most)
		}
	}
}
