package emulator_test

import (
	"bytes"
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/fxamacker/cbor/v2"

	"clickstream/emulator"
)

// TestRecordsRefusedInCBOR refuses some records and, at last, all of a request as the AWS SDK for Java sends it.
func TestRecordsRefusedInCBOR(t *testing.T) {
	t.Parallel()
	e := emulator.RunT(t)
	create(t, kinesis.NewFromConfig(config(e)), "clicks", 1)
	for _, test := range []struct {
		rule   string
		stored int // -1: some
	}{
		{"kinesis:PutRecords throttle records=0.5", -1},
		{"kinesis:PutRecords throttle records=1", 0},
	} {
		if err := e.SetFaults(7); err != nil {
			t.Fatal(err)
		}
		inject(t, e, test.rule)
		before, err := e.Kinesis().Records("clicks")
		if err != nil {
			t.Fatal(err)
		}
		failed, results := putCBOR(t, e, 20)
		after, err := e.Kinesis().Records("clicks")
		stored := len(after) - len(before)
		if err != nil || failed != 20-stored || results != 20 || test.stored == 0 && stored != 0 || test.stored < 0 && (stored == 0 || stored == 20) {
			t.Errorf("%s: %d failed, %d stored, %d results, %v", test.rule, failed, stored, results, err)
		}
	}
}

// putCBOR puts records and returns how many failed, and of how many the answer speaks.
func putCBOR(t *testing.T, e *emulator.Emulator, count int) (failed, results int) {
	t.Helper()
	var records []any
	for range count {
		records = append(records, map[string]any{"Data": []byte{0, 1, 0xff}, "PartitionKey": "k"})
	}
	body, err := cbor.Marshal(map[string]any{"StreamName": "clicks", "Records": records})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "Kinesis_20131202.PutRecords")
	request.Header.Set("Content-Type", "application/x-amz-cbor-1.1")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/kinesis/aws4_request, SignedHeaders=host, Signature=0")
	got := exchange(t, e.Client(), request)
	var out struct {
		FailedRecordCount int
		Records           []struct{ SequenceNumber, ErrorCode string }
	}
	if err := cbor.Unmarshal([]byte(got.body), &out); err != nil || got.header.Get("Content-Type") != "application/x-amz-cbor-1.1" {
		t.Fatalf("%d %s: %v", got.status, got.body, err)
	}
	for _, one := range out.Records {
		if (one.SequenceNumber == "") != (one.ErrorCode == "ProvisionedThroughputExceededException") {
			t.Errorf("%+v", one)
		}
	}
	return out.FailedRecordCount, len(out.Records)
}

// TestRecordsOfNoStream passes on what the service says to the records that are left.
func TestRecordsOfNoStream(t *testing.T) {
	t.Parallel()
	e := emulator.RunT(t)
	inject(t, e, "kinesis:PutRecords throttle records=0.1")
	entry := types.PutRecordsRequestEntry{Data: []byte("x"), PartitionKey: aws.String("k")}
	_, err := kinesis.NewFromConfig(config(e)).PutRecords(t.Context(), &kinesis.PutRecordsInput{
		StreamName: aws.String("nothing"), Records: []types.PutRecordsRequestEntry{entry, entry, entry},
	})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Error(err)
	}
}
