package kinesiswire

import (
	"encoding/json"
	"reflect"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/fxamacker/cbor/v2"
)

// decodeCBOR reads PutRecords' answer in CBOR. As decodePutRecords it leaves what it does not know, and then out as it was.
func decodeCBOR(body []byte, out *kinesis.PutRecordsOutput) bool {
	d := cborDecoder{putRecordsDecoder{cursor: cursor{s: string(body)}}}
	var result kinesis.PutRecordsOutput
	if !d.object(func(name string) bool { return d.output(name, &result) }) || d.i != len(d.s) {
		return false
	}
	out.EncryptionType, out.FailedRecordCount, out.Records = result.EncryptionType, result.FailedRecordCount, result.Records
	return true
}

type cborDecoder struct{ putRecordsDecoder }

func (d *cborDecoder) output(name string, out *kinesis.PutRecordsOutput) bool {
	switch name {
	case "Records":
		return d.results(out)
	case "FailedRecordCount":
		n, _, ok := d.head(cborUnsigned)
		if !ok || n > 1<<30 {
			return false
		}
		out.FailedRecordCount = new(int32(n))
		return true
	case "EncryptionType":
		text, _, ok := d.text()
		out.EncryptionType = types.EncryptionType(text)
		return ok
	default:
		return false
	}
}

func (d *cborDecoder) results(out *kinesis.PutRecordsOutput) bool {
	n, indefinite, ok := d.head(cborArray)
	if !ok || out.Records != nil {
		return false
	}
	left := uint64(len(d.s) - d.i)
	if !indefinite && n > left {
		return false
	}
	const least = 90 // bytes of a result that is stored: what is guessed by
	out.Records = make([]types.PutRecordsResultEntry, 0, min(n, left/least+1))
	var result types.PutRecordsResultEntry
	member := func(name string) bool {
		text, present, ok := d.text()
		return ok && d.set(name, text, present, &result)
	}
	for i := uint64(0); indefinite || i < n; i++ {
		if indefinite && d.ends() {
			break
		}
		result = types.PutRecordsResultEntry{}
		if !d.object(member) {
			return false
		}
		out.Records = append(out.Records, result)
	}
	return true
}

// head reads what an item of that type begins with: its value, length or count, or that its end is a break.
func (d *cborDecoder) head(major byte) (n uint64, indefinite, ok bool) {
	if d.i >= len(d.s) || d.s[d.i]&0xe0 != major {
		return 0, false, false
	}
	info := d.s[d.i] & 0x1f
	d.i++
	if info < 24 {
		return uint64(info), false, true
	}
	if info == cborIndefinite {
		return 0, true, major == cborArray || major == cborMap
	}
	size := 1 << (info - 24)
	if info > 27 || len(d.s)-d.i < size {
		return 0, false, false
	}
	for range size {
		n = n<<8 | uint64(d.s[d.i])
		d.i++
	}
	return n, false, true
}

// ends reads a break, if that is next.
func (d *cborDecoder) ends() bool {
	if d.i < len(d.s) && d.s[d.i] == cborBreak {
		d.i++
		return true
	}
	return false
}

// text reads a text, or null, which is not present.
func (d *cborDecoder) text() (text string, present, ok bool) {
	if d.i < len(d.s) && d.s[d.i] == cborNull {
		d.i++
		return "", false, true
	}
	n, _, ok := d.head(cborText)
	if !ok || n > uint64(len(d.s)-d.i) {
		return "", false, false
	}
	text = d.s[d.i : d.i+int(n)]
	d.i += int(n)
	return text, true, utf8.ValidString(text)
}

// object reads a map, member reads the value of each of its members.
func (d *cborDecoder) object(member func(name string) bool) bool {
	n, indefinite, ok := d.head(cborMap)
	if !ok {
		return false
	}
	for i := uint64(0); indefinite || i < n; i++ {
		if indefinite && d.ends() {
			return true
		}
		name, present, ok := d.text()
		if !ok || !present || !member(name) {
			return false
		}
	}
	return true
}

// toJSON returns what JSON of AWS a service would have answered in place of that CBOR.
func toJSON(body []byte) ([]byte, error) {
	if len(body) == 0 {
		return nil, nil
	}
	mode, err := cbor.DecOptions{DefaultMapType: reflect.TypeFor[map[string]any]()}.DecMode()
	if err != nil {
		return nil, err
	}
	var value any
	if err := mode.Unmarshal(body, &value); err != nil {
		return nil, err
	}
	return json.Marshal(value)
}
