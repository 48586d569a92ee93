package wire

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// The binary framing of application/vnd.amazon.eventstream, by which services push events over one reply
// (https://smithy.io/2.0/aws/amazon-eventstream.html). A message is
//
//	4 bytes  length of the whole message
//	4 bytes  length of the headers
//	4 bytes  CRC-32 of the eight bytes before
//	         headers: one byte of name length, name, type, and for strings two bytes of length and the text
//	         payload
//	4 bytes  CRC-32 of everything before
const (
	eventStreamType = "application/vnd.amazon.eventstream"

	messagePrelude  = 12
	messageTrailer  = 4
	messageString   = 7 // type of a header's value
	longestNameText = 255
	longestText     = 1<<15 - 1
)

// MessageHeader is a header of an event stream message whose value is a string. A name has at most 255 bytes and a value at most
// 32,767; what is longer is cut.
type MessageHeader struct{ Name, Value string }

// AppendMessage appends a message of an event stream.
func AppendMessage(b []byte, headers []MessageHeader, payload []byte) []byte {
	var message bytes.Buffer
	beginMessage(&message, headers)
	message.Write(payload)
	endMessage(&message)
	return append(b, message.Bytes()...)
}

// beginMessage writes the beginning of a message, up to its payload, to an empty buffer. After the payload endMessage completes it.
func beginMessage(b *bytes.Buffer, headers []MessageHeader) {
	head := append(b.AvailableBuffer(), make([]byte, messagePrelude)...)
	for _, header := range headers {
		name, value := header.Name[:min(len(header.Name), longestNameText)], header.Value[:min(len(header.Value), longestText)]
		head = append(append(head, byte(len(name))), name...)
		head = binary.BigEndian.AppendUint16(append(head, messageString), uint16(len(value)))
		head = append(head, value...)
	}
	binary.BigEndian.PutUint32(head[4:], uint32(len(head)-messagePrelude))
	b.Write(head)
}

// endMessage fills in what depends on the payload.
func endMessage(b *bytes.Buffer) {
	message := b.Bytes()
	binary.BigEndian.PutUint32(message, uint32(len(message)+messageTrailer))
	binary.BigEndian.PutUint32(message[8:], crc32.ChecksumIEEE(message[:8]))
	b.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(message)))
}

func eventHeaders(name, contentType string) []MessageHeader {
	return []MessageHeader{{":event-type", name}, {":content-type", contentType}, {":message-type", "event"}}
}

func exceptionHeaders(code, contentType string) []MessageHeader {
	return []MessageHeader{{":exception-type", code}, {":content-type", contentType}, {":message-type", "exception"}}
}
