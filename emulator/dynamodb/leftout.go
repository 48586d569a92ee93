package dynamodb

import (
	"encoding/json"
	"reflect"
)

// LeftOut is a parameter that the service has and the emulator has not. Whoever sends one is told
// so: a setting that is dropped in silence would be a surprise later.
type LeftOut json.RawMessage

// UnmarshalJSON keeps whatever is sent, except null.
func (l *LeftOut) UnmarshalJSON(text []byte) error {
	if string(text) != "null" {
		*l = append((*l)[:0], text...)
	}
	return nil
}

// refuseLeftOut names the first parameter of in, or of a structure within it, that was sent and is
// left out.
func refuseLeftOut(operation string, in any) error {
	if name := firstLeftOut(reflect.ValueOf(in)); name != "" {
		return invalid("the emulator's %s does not know the parameter %s", operation, name)
	}
	return nil
}

func firstLeftOut(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return firstLeftOut(v.Elem())
		}
	case reflect.Struct:
		return leftOutField(v)
	case reflect.Slice:
		for i := range v.Len() {
			if name := firstLeftOut(v.Index(i)); name != "" {
				return name
			}
		}
	default: // holds no parameters
	}
	return ""
}

func leftOutField(v reflect.Value) string {
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		if !field.IsExported() {
			continue
		}
		if field.Type == reflect.TypeFor[LeftOut]() {
			if value.Len() > 0 {
				return field.Name
			}
			continue
		}
		if name := firstLeftOut(value); name != "" {
			return name
		}
	}
	return ""
}
