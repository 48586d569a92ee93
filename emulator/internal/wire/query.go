package wire

import (
	"bytes"
	"encoding"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
)

// queryCodec reads the forms of the query protocol and writes its XML
// (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html). Members of the same structs as elsewhere are named as in JSON; lists
// count from 1, as in MetricData.member.1.MetricName. Maps are not known to it.
type queryCodec struct {
	namespace string
	operation string
	errorCode func(string) string
}

const (
	queryType      = "application/x-www-form-urlencoded"
	mostFormLevels = 16
)

func (queryCodec) fastDecode([]byte, any) bool { return false }

func (queryCodec) fastEncode(b []byte, _ any) ([]byte, bool) { return b, false }

func (queryCodec) members([]byte) (map[string]any, error) {
	return nil, errors.New("a form has no members to judge")
}

func (queryCodec) decode(body []byte, in any) error {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return err
	}
	root := &formNode{}
	for name, values := range form {
		if err := root.add(name, values[0]); err != nil {
			return err
		}
	}
	return root.decode("", reflect.ValueOf(in).Elem())
}

// formNode is one level of a form's dotted names.
type formNode struct {
	text     string
	set      bool
	children map[string]*formNode
}

func (n *formNode) add(name, text string) error {
	parts := strings.Split(name, ".")
	if len(parts) > mostFormLevels {
		return fmt.Errorf("%q has more than %d levels", name, mostFormLevels)
	}
	for _, part := range parts {
		if n.children == nil {
			n.children = map[string]*formNode{}
		}
		if n.children[part] == nil {
			n.children[part] = &formNode{}
		}
		n = n.children[part]
	}
	n.text, n.set = text, true
	return nil
}

// decode fills a value. Names of no member are passed over, as everywhere.
func (n *formNode) decode(path string, into reflect.Value) error {
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		return n.decode(path, into.Elem())
	}
	if text, ok := reflect.TypeAssert[encoding.TextUnmarshaler](into.Addr()); ok {
		return n.scalar(path, func() error { return text.UnmarshalText([]byte(n.text)) })
	}
	switch into.Kind() {
	case reflect.Struct:
		return n.decodeStruct(path, into)
	case reflect.Slice:
		return n.decodeList(path, into)
	case reflect.String:
		into.SetString(n.text)
		return nil
	case reflect.Bool:
		return n.scalar(path, func() error {
			value, err := strconv.ParseBool(n.text)
			into.SetBool(value)
			return err
		})
	case reflect.Int64:
		return n.scalar(path, func() error {
			value, err := strconv.ParseInt(n.text, 10, 64)
			into.SetInt(value)
			return err
		})
	case reflect.Float64:
		return n.scalar(path, func() error {
			value, err := strconv.ParseFloat(n.text, 64)
			into.SetFloat(value)
			return err
		})
	default:
		return fmt.Errorf("%s: forms hold no %v", path, into.Type())
	}
}

func (n *formNode) scalar(path string, set func() error) error {
	if !n.set || set() != nil {
		return fmt.Errorf("%q is no value of %s", n.text, path)
	}
	return nil
}

func (n *formNode) decodeStruct(path string, into reflect.Value) error {
	for _, field := range reflect.VisibleFields(into.Type()) {
		child := n.children[field.Name]
		if field.Anonymous || child == nil {
			continue
		}
		if err := child.decode(strings.TrimPrefix(path+"."+field.Name, "."), into.FieldByIndex(field.Index)); err != nil {
			return err
		}
	}
	return nil
}

// decodeList takes what is numbered from 1 on, up to the first number that is not there.
func (n *formNode) decodeList(path string, into reflect.Value) error {
	into.Set(reflect.MakeSlice(into.Type(), 0, 0))
	members := n.children["member"]
	for i := 1; members != nil && members.children[strconv.Itoa(i)] != nil; i++ {
		one := reflect.New(into.Type().Elem()).Elem()
		if err := members.children[strconv.Itoa(i)].decode(path+".member."+strconv.Itoa(i), one); err != nil {
			return err
		}
		into.Set(reflect.Append(into, one))
	}
	return nil
}

// encode writes the answer of an operation around its output.
func (c queryCodec) encode(b *bytes.Buffer, out any) error {
	b.WriteString("<" + c.operation + `Response xmlns="` + c.namespace + `">`)
	if out != nil {
		if err := appendXML(b, c.operation+"Result", reflect.ValueOf(out)); err != nil {
			return err
		}
	}
	b.WriteString("<ResponseMetadata><RequestId>" + RequestID() + "</RequestId></ResponseMetadata></" + c.operation + "Response>")
	return nil
}

// refuse writes an error.
func (c queryCodec) refuse(b *bytes.Buffer, refusal *Error) error {
	fault := "Sender"
	if refusal.status() >= 500 {
		fault = "Receiver"
	}
	b.WriteString(`<ErrorResponse xmlns="` + c.namespace + `"><Error><Type>` + fault + "</Type><Code>" + codeIn(c.errorCode, refusal.Code) + "</Code><Message>")
	if err := xml.EscapeText(b, []byte(refusal.Message)); err != nil {
		return err
	}
	b.WriteString("</Message></Error><RequestId>" + RequestID() + "</RequestId></ErrorResponse>")
	return nil
}

func codeIn(translate func(string) string, code string) string {
	if translate == nil {
		return code
	}
	return translate(code)
}

// appendXML writes an element. Absent members are left out.
func appendXML(b *bytes.Buffer, name string, value reflect.Value) error {
	if value.Kind() == reflect.Pointer {
		if value.IsNil() {
			return nil
		}
		return appendXML(b, name, value.Elem())
	}
	b.WriteString("<" + name + ">")
	if err := appendContent(b, value); err != nil {
		return err
	}
	b.WriteString("</" + name + ">")
	return nil
}

func appendContent(b *bytes.Buffer, value reflect.Value) error {
	if text, ok := reflect.TypeAssert[encoding.TextMarshaler](value); ok {
		content, err := text.MarshalText()
		if err != nil {
			return err
		}
		return xml.EscapeText(b, content)
	}
	switch value.Kind() {
	case reflect.Struct:
		return appendMembers(b, value)
	case reflect.Slice:
		for i := range value.Len() {
			if err := appendXML(b, "member", value.Index(i)); err != nil {
				return err
			}
		}
		return nil
	default:
		return xml.EscapeText(b, fmt.Append(nil, value.Interface()))
	}
}

func appendMembers(b *bytes.Buffer, value reflect.Value) error {
	for _, field := range reflect.VisibleFields(value.Type()) {
		member := value.FieldByIndex(field.Index)
		optional := strings.Contains(string(field.Tag), "omitempty") && member.IsZero()
		if field.Anonymous || optional {
			continue
		}
		if err := appendXML(b, field.Name, member); err != nil {
			return err
		}
	}
	return nil
}
