package kinesis

import "clickstream/emulator/internal/wire"

// ParseJSON reads the request as SDKs write it, without reflection.
func (in *PutRecordInput) ParseJSON(body []byte) error {
	var batch PutRecordsInput
	parser := putRecordsJSON{JSONReader: wire.NewJSONReader(body), text: wire.Text(body), in: &batch}
	parser.data = make([]byte, 0, len(body)/4*3)
	var entry PutRecordsRequestEntry
	parser.Skip('{')
	for first := true; parser.More(first, '}'); first = false {
		parser.member(parser.Key(), &entry)
	}
	in.Target, in.Data, in.PartitionKey, in.ExplicitHashKey = batch.Target, entry.Data, entry.PartitionKey, entry.ExplicitHashKey
	return parser.Err()
}

// ParseCBOR does for CBOR what ParseJSON does for JSON.
func (in *PutRecordInput) ParseCBOR(body []byte) error {
	var batch PutRecordsInput
	parser := putRecordsCBOR{CBORReader: wire.NewCBORReader(body), text: wire.Text(body), in: &batch}
	var entry PutRecordsRequestEntry
	members := parser.Begin(wire.CBORMap)
	for parser.More(&members) {
		parser.member(parser.Text(), &entry)
	}
	in.Target, in.Data, in.PartitionKey, in.ExplicitHashKey = batch.Target, entry.Data, entry.PartitionKey, entry.ExplicitHashKey
	return parser.Err()
}
