package codec_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/jifen-pos/jifen/terminal/codec"
)

// Limits of the message below.
const (
	textMax  = 10
	countMax = 3
)

// everything has a field of every sort.
type everything struct {
	Small   uint8
	Number  uint64
	Signed  int64
	Day     int32
	Flag    bool
	Spread  uint64
	Text    string
	Bytes   []byte
	Array   [4]byte
	Words   []string
	Blobs   [][]byte
	Pointer *inner
	Held    inner
	List    []inner
	Even    uint64 // refused when odd
}

type inner struct {
	N    uint32
	Text string
	Deep *inner
}

func (e *everything) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &e.Small)
	codec.Uint(c, 2, &e.Number)
	codec.Int(c, 3, &e.Signed)
	codec.Int(c, 4, &e.Day)
	codec.Bool(c, 5, &e.Flag)
	codec.Fixed64(c, 6, &e.Spread)
	codec.String(c, 7, &e.Text, textMax)
	codec.Bytes(c, 8, &e.Bytes, textMax)
	codec.Array(c, 9, e.Array[:])
	codec.Strings(c, 10, &e.Words, countMax, textMax)
	codec.ByteStrings(c, 11, &e.Blobs, countMax, textMax)
	codec.Sub(c, 12, &e.Pointer)
	codec.Value(c, 13, &e.Held)
	codec.List(c, 14, &e.List, countMax)
	codec.Uint(c, 15, &e.Even)
	if c.Reading() && e.Even%2 != 0 {
		c.Refuse("odd")
	}
}

func (i *inner) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &i.N)
	codec.String(c, 2, &i.Text, 1<<20)
	codec.Sub(c, 3, &i.Deep)
}

func TestRoundTrip(t *testing.T) {
	tests := map[string]everything{
		"zero": {},
		"full": {
			Small: 255, Number: math.MaxUint64, Signed: math.MinInt64, Day: -1, Flag: true, Spread: math.MaxUint64, Text: "积分一",
			Bytes: []byte{0, 1}, Array: [4]byte{0, 0, 0, 9}, Words: []string{"", "a", ""}, Blobs: [][]byte{{}, {7}},
			Pointer: &inner{}, Held: inner{N: 5}, List: []inner{{}, {Text: "x", Deep: &inner{Deep: &inner{N: 1}}}, {N: math.MaxUint32}}, Even: 2,
		},
		"largest-signed":    {Signed: math.MaxInt64, Day: math.MaxInt32},
		"smallest-signed":   {Signed: math.MinInt64, Day: math.MinInt32},
		"length-of-1-byte":  {Held: inner{Text: strings.Repeat("x", 127-2)}},
		"length-of-2-bytes": {Held: inner{Text: strings.Repeat("x", 128-2)}},
		"length-of-3-bytes": {Held: inner{Deep: &inner{Text: strings.Repeat("x", 1<<14)}}, List: []inner{{N: 1}}},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			data := codec.Marshal(&want)
			var got everything
			if err := codec.Unmarshal(data, &got); err != nil {
				t.Fatalf("Unmarshal(%x): %v", data, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Unmarshal(Marshal): -want +got\n%s", diff)
			}
			if again := codec.Marshal(&got); !bytes.Equal(again, data) {
				t.Errorf("Marshal again: got %x, want %x", again, data)
			}
			if got := codec.Append([]byte("head"), &want); string(got) != "head"+string(data) {
				t.Errorf("Append: got %x, want head and %x", got, data)
			}
		})
	}
}

// The bytes are signed and stored: they are protobuf's, fields in ascending
// order, zero values left out, and must not change.
func TestFrozenBytes(t *testing.T) {
	tests := map[string]struct {
		in   everything
		want string
	}{
		"zero-has-its-held-value": {everything{}, "\x6a\x00"},
		"numbers":                 {everything{Small: 1, Number: 300, Flag: true, Held: inner{N: 1}}, "\x08\x01\x10\xac\x02\x28\x01\x6a\x02\x08\x01"},
		"minus-one-takes-ten":     {everything{Signed: -1}, "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x6a\x00"},
		"fixed":                   {everything{Spread: 1}, "\x31\x01\x00\x00\x00\x00\x00\x00\x00\x6a\x00"},
		"texts":                   {everything{Text: "a", Words: []string{"b", ""}}, "\x3a\x01a\x52\x01b\x52\x00\x6a\x00"},
		"empty-pointer-is-kept":   {everything{Pointer: &inner{}}, "\x62\x00\x6a\x00"},
		"array-is-whole":          {everything{Array: [4]byte{1}}, "\x4a\x04\x01\x00\x00\x00\x6a\x00"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := codec.Marshal(&test.in); string(got) != test.want {
				t.Errorf("Marshal: got %x, want %x", got, test.want)
			}
		})
	}
}

func TestMalformedIsRefused(t *testing.T) {
	tests := map[string]string{
		"cut-tag":                "\x80",
		"cut-varint":             "\x10\x80",
		"cut-fixed":              "\x31\x01\x02",
		"cut-text":               "\x3a\x05abc",
		"length-beyond-memory":   "\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
		"varint-of-eleven":       "\x10" + strings.Repeat("\xff", 10) + "\x01",
		"field-number-zero":      "\x00\x01",
		"wire-type-seven":        "\x0f",
		"end-of-no-group":        "\x0c",
		"group-left-open":        "\x0b\x10\x01",
		"number-as-text":         "\x12\x01a",
		"text-as-number":         "\x38\x01",
		"fixed-as-number":        "\x30\x01",
		"list-as-number":         "\x70\x01",
		"small-too-large":        "\x08\x80\x02",
		"day-too-large":          "\x20\x80\x80\x80\x80\x08",
		"flag-too-large":         "\x28\x80\x02",
		"text-not-utf-8":         "\x3a\x01\xff",
		"word-not-utf-8":         "\x52\x01\xff",
		"text-too-long":          "\x3a\x0b" + strings.Repeat("a", 11),
		"bytes-too-long":         "\x42\x0b" + strings.Repeat("a", 11),
		"word-too-long":          "\x52\x0b" + strings.Repeat("a", 11),
		"blob-too-long":          "\x5a\x0b" + strings.Repeat("a", 11),
		"array-short":            "\x4a\x03abc",
		"array-long":             "\x4a\x05abcde",
		"words-too-many":         strings.Repeat("\x52\x00", countMax+1),
		"blobs-too-many":         strings.Repeat("\x5a\x00", countMax+1),
		"list-too-long":          strings.Repeat("\x72\x00", countMax+1),
		"list-with-a-bad-one":    "\x72\x00\x72\x01\x80",
		"inner-cut":              "\x62\x01\x80",
		"held-cut":               "\x6a\x01\x80",
		"refused-by-the-message": "\x78\x03",
		"fields-too-many":        strings.Repeat("\xa0\x06\x01", codec.FieldsMax+1),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			var got everything
			if err := codec.Unmarshal([]byte(text), &got); !errors.Is(err, codec.ErrMalformed) {
				t.Errorf("Unmarshal(%.40x): got %v, want ErrMalformed", text, err)
			}
		})
	}
}

func TestAcceptedAtTheLimit(t *testing.T) {
	for name, text := range map[string]string{
		"longest-text": "\x3a\x0a" + strings.Repeat("a", 10),
		"longest-list": strings.Repeat("\x72\x00", countMax),
		"most-fields":  strings.Repeat("\xa0\x06\x01", codec.FieldsMax),
		"small-255":    "\x08\xff\x01",
	} {
		var got everything
		if err := codec.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: Unmarshal(%.40x): %v", name, text, err)
		}
	}
}

// A newer sender may add fields; proto3 takes the last of doubled ones.
func TestUnknownFieldsArePassedOver(t *testing.T) {
	data := protowire.AppendTag(nil, 100, protowire.BytesType)
	data = protowire.AppendString(data, "from tomorrow")
	data = protowire.AppendTag(data, 101, protowire.Fixed32Type)
	data = protowire.AppendFixed32(data, 7)
	data = append(data, "\xb3\x06\x08\x01\xb4\x06"...) // group 102
	data = append(data, "\x10\x05\x10\x06"...)
	var got everything
	if err := codec.Unmarshal(data, &got); err != nil || got.Number != 6 {
		t.Errorf("Unmarshal(%x): got %+v, %v; want number 6", data, got, err)
	}
}

// Others may write fields in any order; those of one number stay in theirs.
func TestFieldsInAnyOrder(t *testing.T) {
	var got everything
	if err := codec.Unmarshal([]byte("\x78\x02\x72\x02\x08\x03\x52\x01b\x08\x01\x72\x02\x08\x02\x52\x01a\x08\x04"), &got); err != nil {
		t.Fatal(err)
	}
	want := everything{Small: 4, Words: []string{"b", "a"}, List: []inner{{N: 3}, {N: 2}}, Even: 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Unmarshal: -want +got\n%s", diff)
	}
}

// What is read of somebody else's bytes stays as it is when they change; what is
// read of one's own aliases them.
func TestOwnAliasesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		read func([]byte, codec.Message) error
		want string
	}{"own": {codec.Own, "abcd"}, "unmarshal": {codec.Unmarshal, "xbcx"}} {
		data := []byte("\x42\x02ab\x5a\x02cd")
		var got everything
		if err := c.read(data, &got); err != nil {
			t.Fatal(err)
		}
		data[2], data[7] = 'x', 'x'
		if text := string(got.Bytes) + string(got.Blobs[0]); text != c.want {
			t.Errorf("%s: got %q after the bytes changed, want %q", name, text, c.want)
		}
	}
}

// A coder that was used before, in vain too, reads and writes as a new one.
func TestCodersAreUsedAgain(t *testing.T) {
	for n := range 3 {
		var bad, got everything
		if err := codec.Own([]byte("\x42\x01a\x72\x02\x08\x01\x72\x01\x80"), &bad); !errors.Is(err, codec.ErrMalformed) {
			t.Errorf("Own of a cut list: got %v, want ErrMalformed", err)
		}
		first := codec.Marshal(&everything{Text: "a", Small: 7})
		second := codec.Marshal(&everything{Text: "b"})
		if err := codec.Unmarshal(first, &got); err != nil || got.Text != "a" || got.Small != 7 || len(second) == 0 {
			t.Errorf("try %d: got %+v, %v; want text a and number 7", n, got, err)
		}
	}
}

func TestDeepMessages(t *testing.T) {
	deep := &inner{N: 1}
	for range 2000 {
		deep = &inner{Deep: deep}
	}
	var got inner
	if err := codec.Unmarshal(codec.Marshal(deep), &got); err != nil {
		t.Fatalf("Unmarshal of 2000 levels: %v", err)
	}
	if diff := cmp.Diff(depth(deep), depth(&got)); diff != "" {
		t.Errorf("Unmarshal of 2000 levels: -want +got\n%s", diff)
	}
}

// Whatever is accepted is written and read back the same.
func FuzzUnmarshal(f *testing.F) {
	f.Add(codec.Marshal(&everything{Small: 1, Text: "a", List: []inner{{N: 1}}, Words: []string{"b"}, Pointer: &inner{}}))
	f.Add([]byte("\x6a\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var first, second everything
		if err := codec.Unmarshal(data, &first); err != nil {
			if !errors.Is(err, codec.ErrMalformed) {
				t.Fatalf("Unmarshal(%x): got %v, want ErrMalformed", data, err)
			}
			return
		}
		written := codec.Marshal(&first)
		if err := codec.Unmarshal(written, &second); err != nil {
			t.Fatalf("Unmarshal(%x), written from %x: %v", written, data, err)
		}
		if again := codec.Marshal(&second); !bytes.Equal(written, again) {
			t.Fatalf("%x is written %x, then %x", data, written, again)
		}
	})
}

func depth(i *inner) int {
	n := 0
	for ; i != nil; i = i.Deep {
		n++
	}
	return n
}
