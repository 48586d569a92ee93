package kinesis

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"clickstream/emulator/internal/wire"
)

// checkType compares a value with its shape's type, in the words of the service's decoder.
func checkType(s *shape, value any) error {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		return checkList(s, value)
	case map[string]any:
		return checkMembers(s, value)
	}
	switch s.kind {
	case kindList:
		return serialization("Expected list or null")
	case kindMap:
		return serialization("Expected map or null")
	case kindStructure:
		return serialization("Expected null")
	default:
		return checkSimple(s, value)
	}
}

func checkList(s *shape, list []any) error {
	if s.kind != kindList {
		return serialization("Start of list found where not expected")
	}
	for _, element := range list {
		if err := checkType(s.element, element); err != nil {
			return err
		}
	}
	return nil
}

func checkMembers(s *shape, members map[string]any) error {
	switch s.kind {
	case kindStructure:
		for _, one := range s.members {
			if err := checkType(one.shape, members[one.name]); err != nil {
				return err
			}
		}
		return nil
	case kindMap:
		for _, value := range members {
			if err := checkType(s.element, value); err != nil {
				return err
			}
		}
		return nil
	default:
		return serialization("Start of structure or map found where not expected.")
	}
}

// Classes of values, as the service's messages name them.
const (
	classNumber  = "com.amazon.coral.value.json.numbers.TruncatingBigNumber"
	classBoolean = "java.lang.Boolean"
	classText    = "java.lang.String"
)

func classOf(value any) string {
	switch value.(type) {
	case bool:
		return classBoolean
	case string:
		return classText
	case []byte: // of CBOR, as is the next
		return "java.nio.HeapByteBuffer"
	case time.Time:
		return "java.util.Date"
	default:
		return classNumber
	}
}

// checkSimple checks what is neither list nor map nor structure.
func checkSimple(s *shape, value any) error {
	class := classOf(value)
	switch s.kind {
	case kindBlob:
		return checkBlob(class, value)
	case kindTimestamp:
		if class == classText || class == classBoolean {
			return serialization("class %s can not be converted to milliseconds since epoch", class)
		}
		return nil
	case kindBoolean:
		if class == classText {
			return serialization("'%s' can not be converted to an Boolean", strings.ToUpper(fmt.Sprint(value)))
		}
		return checkClass(s, class, classBoolean)
	case kindString:
		return checkClass(s, class, classText)
	default:
		return checkClass(s, class, classNumber)
	}
}

func checkClass(s *shape, class, wanted string) error {
	if class != wanted {
		return serialization("class %s can not be converted to an %s", class, s.kind)
	}
	return nil
}

func checkBlob(found string, value any) error {
	switch value := value.(type) {
	case []byte:
		return nil
	case string:
		return checkBase64(value)
	default:
		return serialization("class %s can not be converted to a Blob", found)
	}
}

func checkBase64(text string) error {
	_, err := base64.StdEncoding.Strict().DecodeString(text)
	if err == nil {
		return nil
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	foreign := strings.Trim(strings.TrimRight(text, "="), alphabet)
	switch {
	case len(text)%4 != 0:
		return serialization("'%s' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: %d", text, len(text))
	case foreign != "":
		return serialization("'%s' can not be converted to a Blob: Invalid Base64 character: '%s'", text, string([]rune(foreign)[0]))
	default:
		return serialization("'%s' can not be converted to a Blob: Invalid last non-pad Base64 character dectected", text)
	}
}

// blobSize returns how many bytes a blob has, which is base64 in JSON.
func blobSize(value any) int {
	switch value := value.(type) {
	case []byte:
		return len(value)
	case string:
		return base64.StdEncoding.DecodedLen(len(value)) - strings.Count(value, "=")
	case json.Number:
	}
	return 0
}

// serialization makes the error of a request that cannot be decoded; its message's name has a capital, as the service writes it.
func serialization(format string, args ...any) error {
	return &wire.Error{Code: "SerializationException", Fields: map[string]any{"Message": fmt.Sprintf(format, args...)}}
}
