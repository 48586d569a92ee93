package dynamodb

import (
	"encoding/json"
	"strconv"

	"clickstream/emulator/dynamodb/attribute"
)

// object writes a JSON object member by member: the replies that are nearly all items.
type object struct {
	b     []byte
	start int
}

func newObject(b []byte) *object { return &object{append(b, '{'), len(b) + 1} }

func (o *object) end() []byte { return append(o.b, '}') }

func (o *object) name(name string) {
	if len(o.b) > o.start {
		o.b = append(o.b, ',')
	}
	o.b = append(attribute.AppendString(o.b, name), ':')
}

func (o *object) item(name string, item Item) {
	o.name(name)
	o.b = item.AppendJSON(o.b)
}

func (o *object) items(name string, items []Item) {
	o.name(name)
	o.b = append(o.b, '[')
	for i, item := range items {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b = item.AppendJSON(o.b)
	}
	o.b = append(o.b, ']')
}

func (o *object) number(name string, n int) {
	o.name(name)
	o.b = strconv.AppendInt(o.b, int64(n), 10)
}

func (o *object) capacity(consumed *ConsumedCapacity) {
	if consumed != nil {
		o.other("ConsumedCapacity", consumed)
	}
}

// other writes a member of a plain structure, which always has a JSON form.
func (o *object) other(name string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		text = []byte("null")
	}
	o.name(name)
	o.b = append(o.b, text...)
}
