package codec

import (
	"errors"
	"fmt"
	"reflect"
)

// ErrUnreadable says that a message was not written down, since nobody could read it
// again: something of it is beyond its limits.
var ErrUnreadable = errors.New("message could not be read again")

// Kept is Marshal of a message that is to be read again. Limits are kept by reading:
// so it is read once more before anybody relies on it.
func Kept(m Message) ([]byte, error) {
	b := Marshal(m)
	again := reflect.New(reflect.TypeOf(m).Elem()).Interface().(Message)
	if err := Unmarshal(b, again); err != nil {
		return nil, fmt.Errorf("%T: %w: %v", m, ErrUnreadable, err) // no fault of bytes that somebody sent
	}
	return b, nil
}
