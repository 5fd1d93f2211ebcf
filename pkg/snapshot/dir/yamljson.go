package dir

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// errNotJSONable says that a YAML value has no counterpart in JSON.
var errNotJSONable = errors.New("a key that is null or no scalar, or a number that JSON does not have")

// appendJSON appends the JSON of a value that the YAML parser returned. It
// converts as sigs.k8s.io/yaml (and so kubectl) does, without the detour over
// a second tree, and its errors quote nothing. FuzzYAML compares the two.
func appendJSON(out []byte, value any) ([]byte, error) {
	switch value := value.(type) {
	case nil:
		return append(out, "null"...), nil
	case string:
		return appendString(out, value), nil
	case bool:
		return strconv.AppendBool(out, value), nil
	case int:
		return strconv.AppendInt(out, int64(value), 10), nil
	case map[any]any:
		return appendMap(out, value)
	case []any:
		out = append(out, '[')
		for i, item := range value {
			if i > 0 {
				out = append(out, ',')
			}
			var err error
			if out, err = appendJSON(out, item); err != nil {
				return nil, err
			}
		}
		return append(out, ']'), nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, errNotJSONable
	}
	return append(out, text...), nil
}

func appendMap(out []byte, m map[any]any) ([]byte, error) {
	fields := make(map[string]any, len(m))
	for key, value := range m {
		name, err := keyName(key)
		if err != nil {
			return nil, err
		}
		if _, twice := fields[name]; twice { // as 1 and "1"
			return nil, errNotJSONable
		}
		fields[name] = value
	}
	out = append(out, '{')
	for i, name := range slices.Sorted(maps.Keys(fields)) {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendString(out, name), ':')
		var err error
		if out, err = appendJSON(out, fields[name]); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

func keyName(key any) (string, error) {
	switch key := key.(type) {
	case string:
		return key, nil
	case int, int64, bool:
		return fmt.Sprint(key), nil
	case float64:
		switch s := strconv.FormatFloat(key, 'g', -1, 32); s {
		case "+Inf":
			return ".inf", nil
		case "-Inf":
			return "-.inf", nil
		case "NaN":
			return ".nan", nil
		default:
			return s, nil
		}
	}
	return "", errNotJSONable
}

// appendString appends a JSON string; without reflection when it is plain.
func appendString(out []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // no string fails
			return append(out, quoted...)
		}
	}
	return append(append(append(out, '"'), s...), '"')
}
