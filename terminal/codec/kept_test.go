package codec_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/codec"
)

// short is a message with limits.
type short struct {
	Word string
	List []string
}

func (s *short) Fields(c *codec.Coder) {
	codec.String(c, 1, &s.Word, 4)
	codec.Strings(c, 2, &s.List, 2, 4)
	if c.Reading() && s.Word == "none" {
		c.Refuse("out of range")
	}
}

// What nobody could read again is not kept: it is an error of whoever writes, and not
// one of bytes that came from somewhere.
func TestKeptCanBeReadAgain(t *testing.T) {
	for name, c := range map[string]struct {
		m  short
		ok bool
	}{
		"fits":         {short{"word", []string{"a", "b"}}, true},
		"long-text":    {short{Word: "words"}, false},
		"no-text":      {short{Word: "\xff"}, false},
		"long-list":    {short{List: []string{"a", "b", "c"}}, false},
		"out-of-range": {short{Word: "none"}, false},
		"many-fields":  {short{List: strings.Split(strings.Repeat(" ", codec.FieldsMax+1), " ")}, false},
	} {
		b, err := codec.Kept(&c.m)
		if (err == nil) != c.ok || !c.ok && (!errors.Is(err, codec.ErrUnreadable) || errors.Is(err, codec.ErrMalformed)) {
			t.Errorf("%s: Kept = %v", name, err)
		}
		if c.ok && string(b) != string(codec.Marshal(&c.m)) {
			t.Errorf("%s: Kept = %x, want what Marshal gives", name, b)
		}
	}
}
