package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/internal/wire"
)

type echoInput struct {
	Name  string
	Count *int64          `json:",omitempty"`
	Data  wire.Blob       `json:",omitempty"`
	When  *wire.Timestamp `json:",omitempty"`
	List  []string        `json:",omitempty"`
}

func (in *echoInput) Check(c *wire.Check) {
	c.Length("name", in.Name, 0, 8)
	if in.Count != nil {
		c.Range("count", *in.Count, 1, 10)
	}
}

type echoOutput struct {
	Scope wire.Scope
	echoInput
}

func service() *wire.Service {
	return &wire.Service{
		Name: "echo", TargetPrefix: "Echo_1", JSONVersion: "1.1", CBOR: true, CRC32: true, MaxBody: 1000,
		Operations: wire.Table{
			"Echo": wire.Op(func(scope wire.Scope, in *echoInput) (*echoOutput, error) {
				return &echoOutput{Scope: scope, echoInput: *in}, nil
			}),
			"Quiet": wire.Op(func(wire.Scope, *echoInput) (*wire.Nothing, error) { return nil, nil }),
			"Refuse": wire.Op(func(wire.Scope, *echoInput) (*wire.Nothing, error) {
				return nil, &wire.Error{Code: "Refused", Status: 409, Message: "no", Fields: map[string]any{"Item": 1}}
			}),
			"Break": wire.Op(func(wire.Scope, *echoInput) (*wire.Nothing, error) { return nil, errors.New("broken") }),
		},
	}
}

func post(tb testing.TB, target, contentType string, body []byte, header ...string) *httptest.ResponseRecorder {
	tb.Helper()
	request := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("Content-Type", contentType)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	service().ServeHTTP(recorder, request)
	return recorder
}

func TestServiceAnswersJSON(t *testing.T) {
	const jsonType = "application/x-amz-json-1.1"
	scope := `"Scope":{"Region":"us-east-1","Account":"000000000000"}`
	tests := []struct {
		name, operation, body string
		status                int
		want                  string
	}{
		{
			"all members", "Echo", `{"Name":"a","Count":3,"Data":"AQI=","When":1795378421.916,"List":["<x>"],"New":{"y":[1]}}`,
			200, `{` + scope + `,"Name":"a","Count":3,"Data":"AQI=","When":1795378421.916,"List":["<x>"]}`,
		},
		{"nulls", "Echo", `{"Name":null,"Count":null,"Data":null,"When":null}`, 200, `{` + scope + `,"Name":""}`},
		{"no body in the reply", "Quiet", `{}`, 200, ``},
		{
			"unknown operation", "Nonsense", `{}`, 400,
			`{"__type":"UnknownOperationException","message":"the emulator does not know the operation \"Nonsense\" of echo"}`,
		},
		{
			"error with fields", "Refuse", `{}`, 409, `{"Item":1,"__type":"Refused","message":"no"}`,
		},
		{"own failure", "Break", `{}`, 500, `{"__type":"InternalFailure","message":"broken"}`},
		{
			"two violations", "Echo", `{"Name":"too long a name","Count":11}`, 400,
			`{"__type":"ValidationException","message":"2 validation errors detected: ` +
				`Value 'too long a name' at 'name' failed to satisfy constraint: Member must have length less than or equal to 8; ` +
				`Value '11' at 'count' failed to satisfy constraint: Member must have value less than or equal to 10"}`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			response := post(t, "Echo_1."+test.operation, jsonType, []byte(test.body))
			body := response.Body.Bytes()
			if response.Code != test.status || string(body) != test.want {
				t.Errorf("got %d %s\nwant %d %s", response.Code, body, test.status, test.want)
			}
			if got := response.Header().Get("Content-Type"); got != jsonType {
				t.Errorf("content type %q", got)
			}
			if got, want := response.Header().Get("X-Amz-Crc32"), strconv.Itoa(int(crc32.ChecksumIEEE(body))); got != want {
				t.Errorf("X-Amz-Crc32 %s, want %s", got, want)
			}
			if len(response.Header().Get("x-amzn-RequestId")) != 36 {
				t.Errorf("no request id: %v", response.Header())
			}
		})
	}
}

func TestServiceRefusesMalformedBodies(t *testing.T) {
	for _, body := range []string{
		``, `null`, `[]`, `"x"`, `{`, `{"Name":1}`, `{"Name":"a"} x`, `{"Count":"3"}`, `{"Count":1e30}`, `{"Count":1.5}`, `{"Data":"%"}`, `{"Data":3}`,
		`{"When":"2020-01-01"}`, `{"When":1e300}`, `{"List":{}}`, strings.Repeat(`{"Name":`, 20),
	} {
		response := post(t, "Echo_1.Echo", "application/x-amz-json-1.1", []byte(body))
		answer := response.Body.Bytes()
		if response.Code != http.StatusBadRequest || !strings.Contains(string(answer), `"__type":"SerializationException"`) {
			t.Errorf("%s: got %d %s", body, response.Code, answer)
		}
	}
	for _, body := range [][]byte{{}, {0xf6}, {0x80}, {0xa1}, {0xbf}, {0xa1, 0x64, 'N', 'a', 'm', 'e', 0x01}, {0xa1, 0x64, 'W', 'h', 'e', 'n', 0x61, 'x'}} {
		response := post(t, "Echo_1.Echo", "application/x-amz-cbor-1.1", body)
		var answer map[string]any
		if err := cbor.Unmarshal(response.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		if response.Code != http.StatusBadRequest || answer["__type"] != "SerializationException" {
			t.Errorf("%x: got %d %v", body, response.Code, answer)
		}
	}
}

func TestServiceAnswersCBOR(t *testing.T) {
	millis := int64(1795378421916)
	// Indefinite-length maps, base64 text and bare milliseconds are what clients send besides the plain forms.
	indefinite := []byte{0xbf, 0x64, 'N', 'a', 'm', 'e', 0x61, 'a', 0x64, 'D', 'a', 't', 'a', 0x64, 'A', 'Q', 'I', '=', 0x63, 'N', 'e', 'w', 0x9f, 0xff, 0xff}
	plain, err := cbor.Marshal(map[string]any{
		"Name": "a", "Data": []byte{1, 2}, "When": cbor.Tag{Number: 1, Content: millis}, "Count": 3, "List": nil,
	})
	if err != nil {
		t.Fatal(err)
	}
	bare, err := cbor.Marshal(map[string]any{"When": millis})
	if err != nil {
		t.Fatal(err)
	}
	scope := map[any]any{"Region": "us-east-1", "Account": "000000000000"}
	tests := []struct {
		name string
		body []byte
		want map[string]any
	}{
		{"plain", plain, map[string]any{
			"Scope": scope, "Name": "a", "Data": []byte{1, 2}, "Count": uint64(3), "When": cbor.Tag{Number: 1, Content: uint64(millis)},
		}},
		{"indefinite", indefinite, map[string]any{"Scope": scope, "Name": "a", "Data": []byte{1, 2}}},
		{"bare milliseconds", bare, map[string]any{"Scope": scope, "Name": "", "Data": []byte{}, "When": cbor.Tag{Number: 1, Content: uint64(millis)}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			response := post(t, "Echo_1.Echo", "application/x-amz-cbor-1.1", test.body)
			body := response.Body.Bytes()
			if got := response.Header().Get("Content-Type"); got != "application/x-amz-cbor-1.1" || response.Code != http.StatusOK {
				t.Fatalf("%d, content type %q", response.Code, got)
			}
			var raw map[string]cbor.RawMessage
			if err := cbor.Unmarshal(body, &raw); err != nil {
				t.Fatal(err)
			}
			got := map[string]any{}
			for name, value := range raw {
				var tag cbor.RawTag // as any, tag 1 would become a time in seconds
				if cbor.Unmarshal(value, &tag) == nil {
					var n uint64
					if err := cbor.Unmarshal(tag.Content, &n); err != nil {
						t.Fatal(err)
					}
					got[name] = cbor.Tag{Number: tag.Number, Content: n}
					continue
				}
				var plain any
				if err := cbor.Unmarshal(value, &plain); err != nil {
					t.Fatal(err)
				}
				got[name] = plain
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestServiceLimitsTheBody(t *testing.T) {
	response := post(t, "Echo_1.Echo", "application/json", []byte(`{"Name":"`+strings.Repeat("x", 1000)+`"}`))
	if body := response.Body.Bytes(); response.Code != http.StatusRequestEntityTooLarge || !strings.Contains(string(body), "larger than 1000 bytes") {
		t.Errorf("got %d %s", response.Code, body)
	}
}

func TestServiceReadsTheScope(t *testing.T) {
	tests := []struct{ name, authorization, region, account string }{
		{"unsigned", "", "us-east-1", "000000000000"},
		{"dummy key", "AWS4-HMAC-SHA256 Credential=test/20261122/eu-west-1/kinesis/aws4_request, SignedHeaders=host, Signature=0", "eu-west-1", "000000000000"},
		{"account as key", "AWS4-HMAC-SHA256 Credential=123456789012/20261122/eu-west-1/kinesis/aws4_request, SignedHeaders=host", "eu-west-1", "123456789012"},
		{"twelve letters", "AWS4-HMAC-SHA256 Credential=abcdefghijkl/20261122/eu-west-1/kinesis/aws4_request,SignedHeaders=host", "eu-west-1", "000000000000"},
		{"nonsense", "Bearer Credential=x", "us-east-1", "000000000000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got echoOutput
			body := post(t, "Echo_1.Echo", "application/x-amz-json-1.1", []byte(`{}`), "Authorization", test.authorization).Body.Bytes()
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatal(err)
			}
			if want := (wire.Scope{Region: test.region, Account: test.account}); got.Scope != want {
				t.Errorf("got %v, want %v", got.Scope, want)
			}
		})
	}
	presigned := httptest.NewRequest(http.MethodGet, "/?X-Amz-Credential=AK%2F20261122%2Feu-north-1%2Fs3%2Faws4_request", nil)
	if key, region, name := wire.Credential(presigned); key != "AK" || region != "eu-north-1" || name != "s3" {
		t.Errorf("presigned: %q %q %q", key, region, name)
	}
}

func TestTimestampKeepsMilliseconds(t *testing.T) {
	for _, millis := range []int64{0, 1, 999, 1000, 1795378421916, -1500} {
		stamp := wire.Timestamp(time.UnixMilli(millis))
		text, err := json.Marshal(stamp)
		if err != nil {
			t.Fatal(err)
		}
		data, err := cbor.Marshal(stamp)
		if err != nil {
			t.Fatal(err)
		}
		var fromJSON, fromCBOR wire.Timestamp
		if err := errors.Join(json.Unmarshal(text, &fromJSON), cbor.Unmarshal(data, &fromCBOR)); err != nil {
			t.Fatal(err)
		}
		if fromJSON.Time().UnixMilli() != millis || fromCBOR.Time().UnixMilli() != millis {
			t.Errorf("%d: JSON %s → %v, CBOR %x → %v", millis, text, fromJSON.Time(), data, fromCBOR.Time())
		}
	}
}

func FuzzService(f *testing.F) {
	f.Add("application/x-amz-json-1.1", []byte(`{"Name":"a","Count":3,"Data":"AQI=","When":1.5,"List":["x"]}`))
	f.Add("application/x-amz-cbor-1.1", []byte{0xbf, 0x64, 'D', 'a', 't', 'a', 0x64, 'A', 'Q', 'I', '=', 0xff})
	f.Add("application/x-amz-cbor-1.1", []byte{0xa1, 0x64, 'W', 'h', 'e', 'n', 0xc1, 0xfb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		response := post(t, "Echo_1.Echo", contentType, body)
		if answer := response.Body.Bytes(); response.Code >= 500 || len(answer) == 0 {
			t.Errorf("got %d %s", response.Code, answer)
		}
	})
}
