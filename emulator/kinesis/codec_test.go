package kinesis_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"clickstream/emulator/internal/wire"
	"clickstream/emulator/kinesis"
)

// plainPut is PutRecordsInput without its hand-written readers.
type plainPut kinesis.PutRecordsInput

// FuzzPutRecordsJSON checks that the hand-written reader takes nothing that encoding/json reads otherwise, with memory that
// another request was read into before.
func FuzzPutRecordsJSON(f *testing.F) {
	for _, body := range []string{
		string(putJSON("s", 3)), `{"Records":[]}`, `{}`, ` { "StreamARN" : "arn" , "Records" : [ { "Data" : "" , "PartitionKey" : "k", "ExplicitHashKey":"12" } ] } `,
		`{"Records":[{"Data":"AQ\nI=","PartitionKey":"a\"b"}]}`, `{"Records":[{"Data":"AQI=","Data":"AQI="}]}`, `{"Records":null}`, `{"Records":[{"Data":"A==="}]}`,
		`{"Records":[{"Data":"AA=A"}]}`, `{"Records":[{"Data":"AQID\nAAA"}]}`, `{"records":[{"data":"AQI="}]}`, `{"Records":[{},{}],"StreamName":"","StreamName":"x"}`,
	} {
		f.Add([]byte(body))
	}
	used := putJSON("other", 5)
	f.Fuzz(func(t *testing.T, body []byte) {
		var fast kinesis.PutRecordsInput
		if fast.ParseJSON(used) != nil {
			t.Fatal("the usual request is not taken")
		}
		fast.Reset()
		if fast.ParseJSON(body) != nil {
			return
		}
		var general plainPut
		if err := json.Unmarshal(body, &general); err != nil {
			t.Fatalf("taken, but %v", err)
		}
		if diff := cmp.Diff(kinesis.PutRecordsInput(general), fast, cmpopts.IgnoreUnexported(fast)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// FuzzPutRecordsCBOR does the same for CBOR.
func FuzzPutRecordsCBOR(f *testing.F) {
	f.Add(putCBOR(f, "s", 3))
	f.Add([]byte{0xbf, 0x67, 'R', 'e', 'c', 'o', 'r', 'd', 's', 0x9f, 0xbf, 0x64, 'D', 'a', 't', 'a', 0x41, 'x', 0xff, 0xff, 0xff})
	f.Add([]byte("\xa2\x6aStreamName\x60\x6aStreamName\x61x"))
	f.Add([]byte("\xa1\x67Records\x81\xa2\x6cPartitionKey\x60\x6cPartitionKey\x61x"))
	f.Add([]byte{0xa1, 0x67, 'R', 'e', 'c', 'o', 'r', 'd', 's', 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	used := putCBOR(f, "other", 5)
	f.Fuzz(func(t *testing.T, body []byte) {
		var fast kinesis.PutRecordsInput
		if fast.ParseCBOR(used) != nil {
			t.Fatal("the usual request is not taken")
		}
		fast.Reset()
		if fast.ParseCBOR(body) != nil {
			return
		}
		var general plainPut
		if err := cbor.Unmarshal(body, &general); err != nil {
			t.Fatalf("taken, but %v", err)
		}
		if diff := cmp.Diff(kinesis.PutRecordsInput(general), fast, cmpopts.IgnoreUnexported(fast)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// sameAs fails when the hand-written reader of an encoding takes a body that the general decoder reads otherwise. Plain is the
// input's type without its methods.
func sameAs[In, Plain any](t *testing.T, parse func(*In) error, decode func(any) error, plain func(Plain) In) {
	t.Helper()
	var fast In
	if parse(&fast) != nil {
		return
	}
	var general Plain
	if err := decode(&general); err != nil {
		t.Fatalf("taken, but %v", err)
	}
	if diff := cmp.Diff(plain(general), fast); diff != "" {
		t.Fatal(diff)
	}
}

type (
	plainOne kinesis.PutRecordInput
	plainGet kinesis.GetRecordsInput
)

// FuzzSmallInputs does for PutRecord and GetRecords what the others do for PutRecords.
func FuzzSmallInputs(f *testing.F) {
	for _, body := range []string{
		`{"StreamName":"s","PartitionKey":"k","Data":"AQI=","ExplicitHashKey":"7"}`, `{"ShardIterator":"AAA=","Limit":10000,"StreamARN":"arn"}`,
		`{"Limit":01}`, `{"Limit":1.5}`, `{"Limit":1e3}`, `{"Limit":9999999999}`, `{"Limit":-1}`, `{"ShardIterator":"","ShardIterator":"x"}`, `{"Limit":1 }`,
		"\xa1\x65Limit\x19\x27\x10", "\xa1\x65Limit\x18\x19", "\xa1\x65Limit\x05", "\xa1\x6dShardIterator\x61x", "\xa2\x64Data\x41x\x6cPartitionKey\x61k",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		asJSON := func(in any) error { return json.Unmarshal(body, in) }
		asCBOR := func(in any) error { return cbor.Unmarshal(body, in) }
		one := func(p plainOne) kinesis.PutRecordInput { return kinesis.PutRecordInput(p) }
		get := func(p plainGet) kinesis.GetRecordsInput { return kinesis.GetRecordsInput(p) }
		sameAs(t, func(in *kinesis.PutRecordInput) error { return in.ParseJSON(body) }, asJSON, one)
		sameAs(t, func(in *kinesis.PutRecordInput) error { return in.ParseCBOR(body) }, asCBOR, one)
		sameAs(t, func(in *kinesis.GetRecordsInput) error { return in.ParseJSON(body) }, asJSON, get)
		sameAs(t, func(in *kinesis.GetRecordsInput) error { return in.ParseCBOR(body) }, asCBOR, get)
	})
}

// TestFastReadersTakeWhatClientsSend would notice a reader that leaves everything to the general decoder.
func TestFastReadersTakeWhatClientsSend(t *testing.T) {
	t.Parallel()
	var one kinesis.PutRecordInput
	if err := one.ParseJSON([]byte(`{"StreamName": "s", "PartitionKey": "k", "Data": "AQI="}`)); err != nil || one.PartitionKey != "k" || string(one.Data) != "\x01\x02" {
		t.Errorf("PutRecord: %v, %+v", err, one)
	}
	var get kinesis.GetRecordsInput
	if err := get.ParseJSON([]byte(`{"ShardIterator":"AAAA","Limit":25}`)); err != nil || *get.Limit != 25 {
		t.Errorf("GetRecords: %v, %+v", err, get)
	}
	var in kinesis.PutRecordsInput
	spaced := strings.NewReplacer(`":`, `": `, `,"`, `, "`).Replace(string(putJSON("s", 2))) // as the SDK for Python writes it
	for _, body := range [][]byte{putJSON("s", 2), []byte(spaced)} {
		if in = (kinesis.PutRecordsInput{}); in.ParseJSON(body) != nil || len(in.Records) != 2 {
			t.Errorf("not taken: %s", body)
		}
	}
	if in = (kinesis.PutRecordsInput{}); in.ParseCBOR(putCBOR(t, "s", 2)) != nil || len(in.Records) != 2 {
		t.Error("CBOR is not taken")
	}
	// As Jackson writes it for the SDK for Java: maps and lists of no given length.
	indefinite := []byte{0xbf, 0x67, 'R', 'e', 'c', 'o', 'r', 'd', 's', 0x9f, 0xbf, 0x64, 'D', 'a', 't', 'a', 0x41, 'x', 0xff, 0xff, 0xff}
	if in = (kinesis.PutRecordsInput{}); in.ParseCBOR(indefinite) != nil || len(in.Records) != 1 {
		t.Error("CBOR of indefinite length is not taken")
	}
}

// TestFastWritersAgree compares the hand-written writers with the general encoders.
func TestFastWritersAgree(t *testing.T) {
	t.Parallel()
	number, kms := kinesis.SequenceNumber{}, "KMS"
	record := kinesis.Record{
		SequenceNumber: number, ApproximateArrivalTimestamp: wire.Timestamp(time.UnixMilli(1795378421007)), Data: wire.Blob("\x00data"), PartitionKey: "<\"k\u2028é>",
	}
	children := []kinesis.ChildShard{{
		ShardId: "shardId-000000000002", ParentShards: []string{"shardId-000000000000", "shardId-000000000001"}, HashKeyRange: kinesis.HashKeyRange{StartingHashKey: "0", EndingHashKey: "9"},
	}}
	type plainGot kinesis.GetRecordsOutput
	for _, out := range []kinesis.GetRecordsOutput{
		{Records: []kinesis.Record{}, NextShardIterator: "abc+/=", MillisBehindLatest: 5},
		{Records: []kinesis.Record{record}, ChildShards: children},
		{Records: []kinesis.Record{record, {Data: wire.Blob{}, EncryptionType: &kms}}, NextShardIterator: "x", ChildShards: append(children, children...)},
	} {
		agree(t, out.AppendJSON(nil), out.AppendCBOR(nil), plainGot(out))
	}
	type plainReply kinesis.PutRecordsOutput
	reply := kinesis.PutRecordsOutput{FailedRecordCount: 1, Records: []kinesis.PutRecordsResultEntry{
		{SequenceNumber: &number, ShardId: "shardId-000000000000"}, {ErrorCode: "InternalFailure", ErrorMessage: "it \"failed\""},
	}}
	agree(t, reply.AppendJSON(nil), reply.AppendCBOR(nil), plainReply(reply))
	reply.EncryptionType = "KMS"
	agree(t, reply.AppendJSON(nil), reply.AppendCBOR(nil), plainReply(reply))
}

func agree(t *testing.T, fastJSON, fastCBOR []byte, plain any) {
	t.Helper()
	text, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(fastJSON, &got); err != nil {
		t.Fatalf("%v in %s", err, fastJSON)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("JSON: %s", diff)
	}
	data, err := cbor.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	var gotCBOR, wantCBOR any
	if err := cbor.Unmarshal(fastCBOR, &gotCBOR); err != nil {
		t.Fatalf("%v in %x", err, fastCBOR)
	}
	if err := cbor.Unmarshal(data, &wantCBOR); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantCBOR, gotCBOR); diff != "" {
		t.Errorf("CBOR: %s", diff)
	}
}
