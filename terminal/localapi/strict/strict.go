// Package strict reads the JSON of strangers: one value, no name twice in one
// object, not deep, and UTF-8 (sec W5). What it lets through encoding/json reads.
package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// depthMax is how deep a body may be nested; the deepest that is described has
// five levels.
const depthMax = 16

// Faults of a body that is not the JSON it should be.
var (
	errTwice   = errors.New("a name stands twice in one object")
	errDeep    = errors.New("too deeply nested")
	errText    = errors.New("not UTF-8")
	errMore    = errors.New("something follows the value")
	errNesting = errors.New("a name is no text")
)

// Unmarshal reads a body.
func Unmarshal(data []byte, v any) error {
	if _, loose := v.(*any); loose { // the library reads every body once like this, and checks it
		if err := checkJSON(data); err != nil {
			return err
		}
	}
	return json.Unmarshal(data, v)
}

func checkJSON(data []byte) error {
	if !utf8.Valid(data) {
		return errText
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := checkValue(d, 0); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errMore
	}
	return nil
}

func checkValue(d *json.Decoder, depth int) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	if depth == depthMax {
		return errDeep
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			text, ok := name.(string)
			switch {
			case !ok:
				return errNesting
			case seen[text]:
				return errTwice
			}
			seen[text] = true
		}
		if err := checkValue(d, depth+1); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
