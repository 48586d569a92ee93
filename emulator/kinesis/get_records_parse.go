package kinesis

import "clickstream/emulator/internal/wire"

// ParseJSON reads the request as SDKs write it, without reflection.
func (in *GetRecordsInput) ParseJSON(body []byte) error {
	parser := wire.NewJSONReader(body)
	parser.Skip('{')
	for first := true; parser.More(first, '}'); first = false {
		switch key := parser.Key(); {
		case string(key) == "ShardIterator" && in.ShardIterator == "":
			in.ShardIterator = filled(parser, parser.String())
		case string(key) == "Limit" && in.Limit == nil:
			limit := parser.Uint()
			in.Limit = &limit
		case string(key) == "StreamARN" && in.StreamARN == "":
			in.StreamARN = filled(parser, parser.String())
		default:
			parser.Fail()
		}
	}
	return parser.Err()
}

// ParseCBOR does for CBOR what ParseJSON does for JSON.
func (in *GetRecordsInput) ParseCBOR(body []byte) error {
	parser := wire.NewCBORReader(body)
	members := parser.Begin(wire.CBORMap)
	for parser.More(&members) {
		switch key := parser.Text(); {
		case string(key) == "ShardIterator" && in.ShardIterator == "":
			in.ShardIterator = filled(parser, parser.Text())
		case string(key) == "Limit" && in.Limit == nil:
			limit := parser.Uint()
			in.Limit = &limit
		case string(key) == "StreamARN" && in.StreamARN == "":
			in.StreamARN = filled(parser, parser.Text())
		default:
			parser.Fail()
		}
	}
	return parser.Err()
}

// filled takes a text that is not empty: an empty one could not be told from one that is not there yet, and of two members of one
// name the first counts.
func filled(parser interface{ Fail() }, text []byte) string {
	if len(text) == 0 {
		parser.Fail()
	}
	return string(text)
}
