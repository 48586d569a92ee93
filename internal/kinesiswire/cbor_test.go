package kinesiswire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"
)

// inCBOR returns a Call and the protocol that it makes of the SDK's.
func inCBOR() (*Call, smithyhttp.ClientProtocol) {
	o := kinesis.New(kinesis.Options{Region: "us-east-1"}).Options()
	call := NewCall(new(Dialect))
	call.Options(&o)
	return call, o.Protocol
}

// toCBOR returns JSON as CBOR, with maps and arrays whose ends are breaks if so.
func toCBOR(tb testing.TB, text []byte, indefinite bool) []byte {
	tb.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		tb.Fatal(err)
	}
	return appendCBOR(tb, nil, value, indefinite)
}

func appendCBOR(tb testing.TB, b []byte, value any, indefinite bool) []byte {
	tb.Helper()
	var buffer body
	begin := func(major byte, n int) {
		if indefinite {
			b = append(b, major|cborIndefinite)
			return
		}
		buffer.frame = nil
		buffer.head(major, n)
		b = append(b, buffer.frame...)
	}
	switch value := value.(type) {
	case map[string]any:
		begin(cborMap, len(value))
		for name, member := range value {
			b = appendCBOR(tb, b, name, indefinite)
			b = appendCBOR(tb, b, member, indefinite)
		}
	case []any:
		begin(cborArray, len(value))
		for _, element := range value {
			b = appendCBOR(tb, b, element, indefinite)
		}
	case json.Number:
		n, err := value.Int64()
		if err != nil {
			tb.Fatal(err)
		}
		return appendCBOR(tb, b, n, indefinite)
	default:
		item, err := cbor.Marshal(value)
		if err != nil {
			tb.Fatal(err)
		}
		return append(b, item...)
	}
	if indefinite {
		b = append(b, cborBreak)
	}
	return b
}

func TestEncodeCBOR(t *testing.T) {
	t.Parallel()
	type record struct {
		Data                          []byte
		PartitionKey, ExplicitHashKey *string
	}
	type request struct {
		Records               []record
		StreamName, StreamARN *string
	}
	sizes := input(0)
	for _, size := range []int{0, 1, 23, 24, 255, 256, mostCopied, mostCopied + 1, 1<<16 - 1, 1 << 16} {
		sizes.Records = append(sizes.Records, types.PutRecordsRequestEntry{Data: bytes.Repeat([]byte{byte(size)}, size), PartitionKey: new(fmt.Sprint(size))})
	}
	arn := input(2)
	arn.StreamName, arn.StreamARN = nil, new("arn:aws:kinesis:us-east-1:000000000000:stream/s")
	odd := input(1)
	odd.Records[0].PartitionKey = new("\"\\\x01\n\u2028<&>größe😀\x7f")
	for name, in := range map[string]*kinesis.PutRecordsInput{"batch": input(500), "sizes": sizes, "ARN": arn, "odd text": odd} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call, p := inCBOR()
			for range 2 { // the second time with the memory of the first
				got, header := sent(t, p, in)
				if header.Get("Content-Type") != contentCBOR || header.Get("X-Amz-Target") != "Kinesis_20131202.PutRecords" {
					t.Errorf("header %v", header)
				}
				want := request{StreamName: in.StreamName, StreamARN: in.StreamARN}
				for _, r := range in.Records {
					want.Records = append(want.Records, record{r.Data, r.PartitionKey, r.ExplicitHashKey})
				}
				var decoded request
				if err := cbor.Unmarshal(got, &decoded); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, decoded, cmp.Comparer(bytes.Equal)); diff != "" {
					t.Errorf("request (-want +got):\n%s", diff)
				}
				call.Release()
			}
		})
	}
}

// TestCBORIsLeftToTheSDK where the encoder does not know a request: that goes in JSON.
func TestCBORIsLeftToTheSDK(t *testing.T) {
	t.Parallel()
	dry := input(3)
	dry.DryRun = new(bool)
	invalid := input(3)
	invalid.Records[2].PartitionKey = new("\xff")
	for name, in := range map[string]*kinesis.PutRecordsInput{"unknown member": dry, "not UTF-8": invalid, "nothing": {}} {
		_, p := inCBOR()
		body, header := sent(t, p, in)
		if header.Get("Content-Type") != "application/x-amz-json-1.1" || !json.Valid(body) {
			t.Errorf("%s: %v, %q", name, header, body)
		}
	}
}

// TestBody reads a request as everybody may, and no more once the call is over.
func TestBody(t *testing.T) {
	t.Parallel()
	b := new(body)
	in := input(3)
	in.Records[1].Data = bytes.Repeat([]byte("0123456789"), mostCopied)
	in.Records[2].Data = bytes.Repeat([]byte("abc"), mostCopied)
	if !b.encodeCBOR(in) {
		t.Fatal("left to the SDK")
	}
	b.finish()
	var whole bytes.Buffer
	if n, err := b.WriteTo(&whole); err != nil || n != int64(whole.Len()) || b.Len() != 0 {
		t.Fatal(n, err, b.Len())
	}
	if _, err := b.Seek(0, io.SeekStart); err != nil || b.Len() != whole.Len() {
		t.Fatal(err, b.Len())
	}
	if err := iotest.TestReader(b, whole.Bytes()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Seek(1, io.SeekEnd); err == nil {
		t.Error("there is something behind the end")
	}
	if _, err := b.Seek(3, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	b.release()
	if n, err := b.Read(make([]byte, 10)); err == nil {
		t.Errorf("%d bytes read after the end", n)
	}
	if n, err := b.WriteTo(io.Discard); err == nil {
		t.Errorf("%d bytes written after the end", n)
	}
}

// answered returns the output that a protocol makes of an answer of that type.
func answered(p smithyhttp.ClientProtocol, status int, contentType string, body []byte) (*kinesis.PutRecordsOutput, error) {
	out := new(kinesis.PutRecordsOutput)
	resp := &smithyhttp.Response{Response: &http.Response{
		StatusCode: status, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)), Header: http.Header{"Content-Type": {contentType}},
	}}
	return out, p.DeserializeResponse(context.Background(), operation(), kinesis.TypeRegistry, resp, out)
}

func TestDecodeCBORAsTheSDKDecodesJSON(t *testing.T) {
	t.Parallel()
	sdk, _ := both()
	for name, text := range map[string]string{
		"batch":          string(answer(500)),
		"no records":     `{"Records":[],"FailedRecordCount":0}`,
		"empty":          `{}`,
		"message":        `{"Records":[{"ErrorCode":"InternalFailure","ErrorMessage":"\"é\n"}]}`,
		"unknown member": `{"Records":[{"ShardId":"s","New":{"a":[1]}}],"New":[true]}`,
		"null list":      `{"Records":null,"FailedRecordCount":null,"EncryptionType":null}`,
		"null members":   `{"Records":[{"ShardId":"s","SequenceNumber":null}]}`,
		"large count":    `{"FailedRecordCount":2147483647,"Records":[]}`,
	} {
		for _, indefinite := range []bool{false, true} {
			want, err := received(sdk, http.StatusOK, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			_, p := inCBOR()
			got, err := answered(p, http.StatusOK, contentCBOR, toCBOR(t, []byte(text), indefinite))
			if diff := sameOutput(want, got); err != nil || diff != "" {
				t.Errorf("%s, indefinite %v: %v, output (-json +cbor):\n%s", name, indefinite, err, diff)
			}
		}
	}
}

func TestDecodeCBORTakesTheShortWay(t *testing.T) {
	t.Parallel()
	for _, indefinite := range []bool{false, true} {
		body := toCBOR(t, answer(500), indefinite)
		out := new(kinesis.PutRecordsOutput)
		if !decodeCBOR(body, out) || len(out.Records) != 501 {
			t.Error("a common answer is left to others")
		}
	}
}

func TestAnswersThatAreNoCBOR(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "\xff", "\xa1", "\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "<html>", "\xa1\x67Records\x9b\x7f\xff\xff\xff\xff\xff\xff\xff"} {
		_, p := inCBOR()
		if out, err := answered(p, http.StatusOK, contentCBOR, []byte(body)); err == nil && len(out.Records) > 0 {
			t.Errorf("%q: %+v", body, out)
		}
	}
}

func TestErrorsInCBOR(t *testing.T) {
	t.Parallel()
	_, p := inCBOR()
	sent(t, p, input(1))
	_, err := answered(p, http.StatusBadRequest, contentCBOR, toCBOR(t, []byte(`{"__type":"ResourceNotFoundException","message":"no such stream"}`), true))
	notFound, ok := errors.AsType[*types.ResourceNotFoundException](err)
	if !ok || notFound.ErrorMessage() != "no such stream" || errors.Is(err, ErrNotCBOR) {
		t.Errorf("got %T: %v", err, err)
	}
}

// FuzzDecodeCBOR asks that whatever the short way reads, the long way reads the same.
func FuzzDecodeCBOR(f *testing.F) {
	for _, indefinite := range []bool{false, true} {
		f.Add(toCBOR(f, answer(3), indefinite))
		f.Add(toCBOR(f, []byte(`{"Records":[{"ShardId":"s"},{}],"FailedRecordCount":10,"EncryptionType":null}`), indefinite))
	}
	sdk, _ := both()
	f.Fuzz(func(t *testing.T, body []byte) {
		got := new(kinesis.PutRecordsOutput)
		if !decodeCBOR(body, got) {
			return
		}
		text, err := toJSON(body)
		if err != nil {
			t.Skip(err) // a name that is there twice, or too many elements for the library
		}
		want, err := received(sdk, http.StatusOK, text)
		if err != nil {
			t.Fatalf("the SDK says %v of %q", err, text)
		}
		if diff := sameOutput(want, got); diff != "" {
			t.Errorf("%q (-sdk +ours):\n%s", body, diff)
		}
	})
}
