package kinesiswire

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/schemas"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// both returns the SDK's protocol and ours in front of it.
func both() (sdk, fast smithyhttp.ClientProtocol) {
	o := kinesis.New(kinesis.Options{Region: "us-east-1"}).Options()
	sdk = o.Protocol
	Fast(&o)
	return sdk, o.Protocol
}

func operation() *smithy.OperationSchema {
	return smithy.NewOperationSchema(schemas.PutRecords, schemas.PutRecordsInput, schemas.PutRecordsOutput)
}

// sent returns the request that a protocol makes of an input.
func sent(tb testing.TB, p smithyhttp.ClientProtocol, in smithy.Serializable) (body []byte, header http.Header) {
	tb.Helper()
	req := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	if err := p.SerializeRequest(context.Background(), operation(), in, req); err != nil {
		tb.Fatal(err)
	}
	body, err := io.ReadAll(req.GetStream())
	if err != nil {
		tb.Fatal(err)
	}
	if req.Method != http.MethodPost || req.URL.Path != "/" || req.ContentLength != int64(len(body)) {
		tb.Errorf("%s %q of %d bytes, body %d", req.Method, req.URL.Path, req.ContentLength, len(body))
	}
	return body, req.Header
}

// received returns the output that a protocol makes of an answer.
func received(p smithyhttp.ClientProtocol, status int, body []byte) (*kinesis.PutRecordsOutput, error) {
	out := new(kinesis.PutRecordsOutput)
	resp := &smithyhttp.Response{Response: &http.Response{
		StatusCode: status, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)),
	}}
	return out, p.DeserializeResponse(context.Background(), operation(), kinesis.TypeRegistry, resp, out)
}

func sameOutput(a, b *kinesis.PutRecordsOutput) string {
	return cmp.Diff(a, b, cmpopts.IgnoreUnexported(kinesis.PutRecordsOutput{}, types.PutRecordsResultEntry{}),
		cmpopts.IgnoreFields(kinesis.PutRecordsOutput{}, "ResultMetadata"), cmpopts.EquateEmpty())
}

func input(records int) *kinesis.PutRecordsInput {
	in := &kinesis.PutRecordsInput{StreamName: new("clickstream-sample")}
	for i := range records {
		in.Records = append(in.Records, types.PutRecordsRequestEntry{
			Data:            []byte(`{"resource":"resource-1","referrer":"http://www.amazon.com/"}`),
			PartitionKey:    new(fmt.Sprintf("resource-%d", i%100)),
			ExplicitHashKey: new("170141183460469231731687303715884105728"),
		})
	}
	return in
}

func answer(records int) []byte {
	var b strings.Builder
	b.WriteString(`{"FailedRecordCount":1,"Records":[`)
	for i := range records {
		fmt.Fprintf(&b, `{"SequenceNumber":"496804697345782114114265582167457036369358672105402%05d","ShardId":"shardId-%012d"},`, i, i%2)
	}
	b.WriteString(`{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate exceeded"}],"EncryptionType":"NONE"}`)
	return []byte(b.String())
}

func TestEncodeAsTheSDK(t *testing.T) {
	sdk, fast := both()
	odd := input(1)
	odd.Records[0].PartitionKey = new("\"\\\x01\n\u2028<&>größe😀\x7f")
	empty := input(1)
	empty.Records[0].Data, empty.Records[0].ExplicitHashKey = []byte{}, nil
	arn := input(2)
	arn.StreamName, arn.StreamARN = nil, new("arn:aws:kinesis:us-east-1:000000000000:stream/s")
	dry := input(1)
	dry.DryRun = new(bool)
	invalid := input(1)
	invalid.Records[0].PartitionKey = new("\xff")
	for name, in := range map[string]*kinesis.PutRecordsInput{
		"batch": input(500), "odd text": odd, "empty data": empty, "ARN": arn, "nothing": {}, "left to the SDK": dry, "not UTF-8": invalid,
	} {
		t.Run(name, func(t *testing.T) {
			wantBody, wantHeader := sent(t, sdk, in)
			gotBody, gotHeader := sent(t, fast, in)
			if diff := cmp.Diff(wantHeader, gotHeader); diff != "" {
				t.Errorf("header (-sdk +ours):\n%s", diff)
			}
			var want, got any
			if err := json.Unmarshal(wantBody, &want); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(gotBody, &got); err != nil {
				t.Fatalf("%v: %s", err, gotBody)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("body (-sdk +ours):\n%s", diff)
			}
		})
	}
}

// TestEncodeKnowsEveryMember fails when a newer SDK has members that encodePutRecords would drop.
func TestEncodeKnowsEveryMember(t *testing.T) {
	for want, typ := range map[string]reflect.Type{
		"Records DryRun StreamARN StreamId StreamName":            reflect.TypeFor[kinesis.PutRecordsInput](),
		"Data ExplicitHashKey PartitionKey":                       reflect.TypeFor[types.PutRecordsRequestEntry](),
		"Records EncryptionType FailedRecordCount ResultMetadata": reflect.TypeFor[kinesis.PutRecordsOutput](),
		"ErrorCode ErrorMessage SequenceNumber ShardId":           reflect.TypeFor[types.PutRecordsResultEntry](),
	} {
		var names []string
		for _, field := range reflect.VisibleFields(typ) {
			if field.IsExported() {
				names = append(names, field.Name)
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%v has the members %s, known are %s", typ, got, want)
		}
	}
}

func TestDecodeAsTheSDK(t *testing.T) {
	sdk, fast := both()
	for name, body := range map[string]string{
		"batch":              string(answer(500)),
		"white space":        " { \"Records\" : [ { \"ShardId\" : \"s\" , \"SequenceNumber\" : null } , { } ] , \"FailedRecordCount\" : 0 } \n",
		"no records":         `{"Records":[],"FailedRecordCount":0}`,
		"empty":              `{}`,
		"escaped message":    `{"Records":[{"ErrorCode":"InternalFailure","ErrorMessage":"\"\u00e9\n"}]}`,
		"unknown member":     `{"Records":[{"ShardId":"s","New":{"a":[1]}}],"New":[true]}`,
		"null list":          `{"Records":null,"FailedRecordCount":null,"EncryptionType":null}`,
		"large failed count": `{"FailedRecordCount":2147483647,"Records":[]}`,
		"nothing":            ``,
		"not JSON":           `<html>`,
		"cut short":          string(answer(3)[:200]),
		"trailing":           `{"Records":[]}x`,
		"not UTF-8":          "{\"EncryptionType\":\"\xff\"}",
	} {
		t.Run(name, func(t *testing.T) {
			want, wantErr := received(sdk, http.StatusOK, []byte(body))
			got, gotErr := received(fast, http.StatusOK, []byte(body))
			if (wantErr == nil) != (gotErr == nil) {
				t.Fatalf("the SDK says %v, we say %v", wantErr, gotErr)
			}
			if diff := sameOutput(want, got); wantErr == nil && diff != "" {
				t.Errorf("output (-sdk +ours):\n%s", diff)
			}
		})
	}
}

func TestDecodeLeavesErrorsToTheSDK(t *testing.T) {
	_, fast := both()
	_, err := received(fast, http.StatusBadRequest, []byte(`{"__type":"ResourceNotFoundException","message":"no such stream"}`))
	notFound, ok := err.(*types.ResourceNotFoundException) //nolint:errorlint // the protocol returns it as it is
	if !ok || notFound.ErrorMessage() != "no such stream" {
		t.Errorf("got %T: %v", err, err)
	}
}

func TestDecodeTakesTheShortWay(t *testing.T) {
	out := new(kinesis.PutRecordsOutput)
	if !decodePutRecords(answer(500), out) || len(out.Records) != 501 {
		t.Error("a common answer is left to the SDK")
	}
	if _, ok := encodePutRecords(input(500)); !ok {
		t.Error("a common request is left to the SDK")
	}
	body := answer(500)
	if n := testing.AllocsPerRun(10, func() { decodePutRecords(body, new(kinesis.PutRecordsOutput)) }); n > 20 {
		t.Errorf("%v allocations for an answer of 501 records", n)
	}
}

func TestFastIsForJSONOnly(t *testing.T) {
	o := kinesis.Options{}
	Fast(&o)
	if o.Protocol != nil {
		t.Error("a protocol out of nothing")
	}
	client := kinesis.New(kinesis.Options{}, Fast, Fast)
	if p, ok := client.Options().Protocol.(protocol); !ok {
		t.Error("not in place")
	} else if _, twice := p.ClientProtocol.(protocol); twice {
		t.Error("in place twice")
	}
}

// FuzzDecode asks that whatever the short way reads, the SDK reads the same.
func FuzzDecode(f *testing.F) {
	f.Add(answer(3))
	f.Add([]byte(`{"Records":[{"ShardId":"s"},{}],"FailedRecordCount":10,"EncryptionType":null}`))
	sdk, _ := both()
	f.Fuzz(func(t *testing.T, body []byte) {
		got := new(kinesis.PutRecordsOutput)
		if !decodePutRecords(body, got) {
			return
		}
		want, err := received(sdk, http.StatusOK, body)
		if err != nil {
			t.Fatalf("the SDK says %v of %q", err, body)
		}
		if diff := sameOutput(want, got); diff != "" {
			t.Errorf("%q (-sdk +ours):\n%s", body, diff)
		}
	})
}

// FuzzEncode asks that the text of any record comes out as it went in.
func FuzzEncode(f *testing.F) {
	f.Add([]byte("data"), "key", "0", "stream")
	f.Add([]byte{}, "\"\\\x00\u2028😀", "\x7f", "")
	f.Fuzz(func(t *testing.T, data []byte, key, hash, stream string) {
		body, ok := encodePutRecords(&kinesis.PutRecordsInput{
			StreamName: &stream,
			Records:    []types.PutRecordsRequestEntry{{Data: append([]byte{}, data...), PartitionKey: &key, ExplicitHashKey: &hash}},
		})
		if !ok {
			return
		}
		type record struct {
			Data                          []byte
			PartitionKey, ExplicitHashKey string
		}
		var got struct {
			Records    []record
			StreamName string
		}
		if err := json.Unmarshal(body, &got); err != nil {
			t.Fatalf("%v: %q", err, body)
		}
		want := record{append([]byte{}, data...), key, hash}
		if diff := cmp.Diff([]record{want}, got.Records); diff != "" || got.StreamName != stream {
			t.Errorf("stream %q, records (-want +got):\n%s", got.StreamName, diff)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	sdk, fast := both()
	in := input(500)
	for name, p := range map[string]smithyhttp.ClientProtocol{"sdk": sdk, "fast": fast} {
		b.Run(name, func(b *testing.B) {
			body, _ := sent(b, p, in)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				req := smithyhttp.NewStackRequest().(*smithyhttp.Request)
				if err := p.SerializeRequest(context.Background(), operation(), in, req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	sdk, fast := both()
	body := answer(500)
	for name, p := range map[string]smithyhttp.ClientProtocol{"sdk": sdk, "fast": fast} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := received(p, http.StatusOK, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
