// Package codec describes a protobuf message once and uses the description in
// both directions: a message lists its fields in one method, Fields, and the
// Coder handed to it either writes them or reads them. It knows no message of
// its own, does no I/O and never re-encodes what it has read: callers keep the
// bytes they received, since bytes are signed and hashed as sent. Coders are used
// again, by whoever comes next: nothing of a message stays in one but short texts.
package codec

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// FieldsMax bounds the fields of one message, repeated ones counted each.
const FieldsMax = 8192

// Room that a coder keeps for the next message: for the fields of one and of what
// lies within it while they are read, and for its bytes when it is written.
const (
	fieldsKept  = 1024
	fieldsUsual = 64
	bytesKept   = 64 << 10
	bytesUsual  = 1 << 10
)

// ErrMalformed matches every error that Unmarshal returns: bytes that are not
// a message of the kind asked for.
var ErrMalformed = errors.New("malformed message")

// Message is a type that can list its fields.
type Message interface {
	// Fields names every field of the message to the coder, each with its
	// number and a pointer to its value, in ascending order of numbers.
	Fields(*Coder)
}

// Coder walks the fields of one message, writing or reading them.
type Coder struct {
	reading bool
	owns    bool    // byte fields are copied
	buf     []byte  // what is written, or the message that is read
	fields  []field // of this message, by number
	at      int     // how many of them are passed
	stack   []field // the same behind those of the messages around it
	err     error
	texts   texts
}

// coders are those that nobody uses now.
var coders = sync.Pool{New: func() any {
	return &Coder{stack: make([]field, 0, fieldsUsual), buf: make([]byte, 0, bytesUsual)}
}}

// done gives a coder to whoever comes next.
func (c *Coder) done() {
	c.owns, c.fields, c.at, c.err = false, nil, 0, nil
	if cap(c.stack) > fieldsKept {
		c.stack = nil
	}
	if cap(c.buf) > bytesKept {
		c.buf = nil
	}
	coders.Put(c)
}

// field is one field as it stands in a message. It points nowhere, so that a
// message of many fields costs no more to keep clean than one of few.
type field struct {
	num protowire.Number
	typ protowire.Type
	n   uint64 // the number, or where the bytes begin and how many they are: 32 bits each
}

// place is where bytes are in their message.
func place(at, size int) uint64 { return uint64(at)<<32 | uint64(size) }

// bytes are the bytes of a field.
func (c *Coder) bytes(f field) []byte {
	at := f.n >> 32
	return c.buf[at : at+f.n&math.MaxUint32]
}

// Marshal returns the encoding of m. Zero values are left out, as in proto3.
func Marshal(m Message) []byte { return Append([]byte{}, m) }

// Append appends the encoding of m to b.
func Append(b []byte, m Message) []byte {
	c := coders.Get().(*Coder)
	c.reading, c.buf = false, c.buf[:0]
	m.Fields(c)
	b = append(b, c.buf...)
	c.done()
	return b
}

// Unmarshal reads m from b, which must be exactly one message. Unknown fields
// are passed over. Byte fields alias b. The error matches ErrMalformed.
func Unmarshal(b []byte, m Message) error { return read(b, m, false) }

// Own is Unmarshal of bytes that belong to somebody else: nothing aliases them.
func Own(b []byte, m Message) error { return read(b, m, true) }

func read(b []byte, m Message, owns bool) error {
	c := coders.Get().(*Coder)
	c.reading, c.owns, c.stack = true, owns, c.stack[:0]
	c.sub(b, m)
	err := c.err
	c.done()
	return err
}

// Reading reports whether fields are being read. A message uses it to refuse
// values that are well formed but out of its limits.
func (c *Coder) Reading() bool { return c.reading }

// Refuse makes Unmarshal fail with the reason given, unless it failed already.
func (c *Coder) Refuse(reason string) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: %s", ErrMalformed, reason)
	}
}

// scan puts the fields of a message on the stack, in order of numbers; of one
// number, in the order in which they stand.
func (c *Coder) scan(b []byte) error {
	if len(b) > math.MaxInt32 {
		return fmt.Errorf("%w: %d bytes", ErrMalformed, len(b))
	}
	first, before, sorted := len(c.stack), protowire.Number(0), true
	for at := 0; at < len(b); {
		if len(c.stack) == first+FieldsMax {
			return fmt.Errorf("%w: more than %d fields", ErrMalformed, FieldsMax)
		}
		f, n, err := scanField(b, at)
		if err != nil {
			return err
		}
		at = n
		sorted = sorted && f.num >= before
		before = f.num
		c.stack = append(c.stack, f)
	}
	if !sorted { // nothing of ours is written so
		slices.SortStableFunc(c.stack[first:], func(a, b field) int { return cmp.Compare(a.num, b.num) })
	}
	return nil
}

// scanField is the field that begins at a place, and where the next one does.
func scanField(b []byte, at int) (f field, next int, err error) {
	var n int
	if tag := b[at]; tag >= 1<<3 && tag < 1<<7 { // most are of one byte
		f.num, f.typ, n = protowire.Number(tag>>3), protowire.Type(tag&7), 1
	} else if f.num, f.typ, n = protowire.ConsumeTag(b[at:]); n < 0 {
		return f, 0, fmt.Errorf("%w: field tag", ErrMalformed)
	}
	at += n
	switch f.typ {
	case protowire.VarintType:
		f.n, n = varint(b[at:])
	case protowire.Fixed64Type:
		f.n, n = protowire.ConsumeFixed64(b[at:])
	case protowire.BytesType:
		var size uint64
		if size, n = varint(b[at:]); n >= 0 {
			if size > uint64(len(b)-at-n) {
				n = -1
				break
			}
			f.n = place(at+n, int(size))
			n += int(size)
		}
	default:
		n = protowire.ConsumeFieldValue(f.num, f.typ, b[at:])
	}
	if n < 0 {
		return f, 0, fmt.Errorf("%w: value of field %d", ErrMalformed, f.num)
	}
	return f, at + n, nil
}

// varint is a number at the beginning of b, and how many bytes it takes.
func varint(b []byte) (uint64, int) {
	if len(b) > 0 && b[0] < 1<<7 { // most are
		return uint64(b[0]), 1
	}
	return protowire.ConsumeVarint(b)
}

// all returns the fields of a number. They are asked for in ascending order, so
// that those passed need not be looked at again.
func (c *Coder) all(num int) []field {
	n, at := protowire.Number(num), c.at
	if at > 0 && c.fields[at-1].num >= n {
		at = 0
	}
	for at < len(c.fields) && c.fields[at].num < n {
		at++
	}
	end := at
	for end < len(c.fields) && c.fields[end].num == n {
		end++
	}
	c.at = end
	return c.fields[at:end]
}

// last returns the last field of that number (proto3: the last one wins).
func (c *Coder) last(num int, typ protowire.Type) (field, bool) {
	all := c.all(num)
	if len(all) == 0 {
		return field{}, false
	}
	f := all[len(all)-1]
	if f.typ != typ {
		c.Refuse(fmt.Sprintf("field %d has wire type %d, want %d", num, f.typ, typ))
		return field{}, false
	}
	return f, true
}

// Uint is an unsigned number, written as a varint.
func Uint[T ~uint8 | ~uint16 | ~uint32 | ~uint64](c *Coder, num int, p *T) {
	if c.reading {
		if f, ok := c.last(num, protowire.VarintType); ok {
			*p = T(f.n)
			if uint64(*p) != f.n {
				c.Refuse(fmt.Sprintf("field %d is too large", num))
			}
		}
		return
	}
	if *p != 0 {
		c.buf = protowire.AppendTag(c.buf, protowire.Number(num), protowire.VarintType)
		c.buf = protowire.AppendVarint(c.buf, uint64(*p))
	}
}

// Int is a signed number that is seldom negative, written as a varint (int64).
func Int[T ~int32 | ~int64](c *Coder, num int, p *T) {
	n := uint64(int64(*p))
	Uint(c, num, &n)
	if c.reading {
		*p = T(int64(n))
		if int64(*p) != int64(n) {
			c.Refuse(fmt.Sprintf("field %d is too large", num))
		}
	}
}

// Bool is a truth value.
func Bool(c *Coder, num int, p *bool) {
	var n uint8
	if *p {
		n = 1
	}
	Uint(c, num, &n)
	if c.reading {
		*p = n != 0
	}
}

// Fixed64 is a number whose bits are spread evenly: eight bytes.
func Fixed64[T ~uint64](c *Coder, num int, p *T) {
	if c.reading {
		if f, ok := c.last(num, protowire.Fixed64Type); ok {
			*p = T(f.n)
		}
		return
	}
	if *p != 0 {
		c.buf = protowire.AppendTag(c.buf, protowire.Number(num), protowire.Fixed64Type)
		c.buf = protowire.AppendFixed64(c.buf, uint64(*p))
	}
}

// String is UTF-8 text of at most limit bytes.
func String[T ~string](c *Coder, num int, p *T, limit int) {
	if c.reading {
		if f, ok := c.last(num, protowire.BytesType); ok {
			b := c.bytes(f)
			text, ok := c.texts.of(b)
			if len(b) > limit || !ok {
				c.Refuse(fmt.Sprintf("field %d is not text of at most %d bytes", num, limit))
				return
			}
			*p = T(text)
		}
		return
	}
	if *p != "" {
		c.buf = protowire.AppendTag(c.buf, protowire.Number(num), protowire.BytesType)
		c.buf = protowire.AppendString(c.buf, string(*p))
	}
}

// Bytes is a byte string of at most limit bytes.
func Bytes(c *Coder, num int, p *[]byte, limit int) {
	if c.reading {
		if f, ok := c.last(num, protowire.BytesType); ok {
			b := c.bytes(f)
			if len(b) > limit {
				c.Refuse(fmt.Sprintf("field %d has more than %d bytes", num, limit))
				return
			}
			*p = c.mine(b)
		}
		return
	}
	if len(*p) > 0 {
		c.buf = protowire.AppendTag(c.buf, protowire.Number(num), protowire.BytesType)
		c.buf = protowire.AppendBytes(c.buf, *p)
	}
}

// mine is what a byte field keeps of its bytes.
func (c *Coder) mine(b []byte) []byte {
	if c.owns {
		return bytes.Clone(b)
	}
	return b
}

// Array is a byte string of exactly the length of dst, all zero when left out.
func Array(c *Coder, num int, dst []byte) {
	if c.reading {
		if f, ok := c.last(num, protowire.BytesType); ok {
			b := c.bytes(f)
			if len(b) != len(dst) {
				c.Refuse(fmt.Sprintf("field %d has %d bytes, want %d", num, len(b), len(dst)))
				return
			}
			copy(dst, b)
		}
		return
	}
	for _, b := range dst {
		if b != 0 {
			c.buf = protowire.AppendTag(c.buf, protowire.Number(num), protowire.BytesType)
			c.buf = protowire.AppendBytes(c.buf, dst)
			return
		}
	}
}

// Strings is a list of at most count texts of at most limit bytes each.
func Strings(c *Coder, num int, p *[]string, count, limit int) {
	ByteStrings(c, num, p, count, limit)
	if c.reading {
		for _, s := range *p {
			if !utf8.ValidString(s) {
				c.Refuse(fmt.Sprintf("field %d is not text", num))
			}
		}
	}
}

// ByteStrings is a list of at most count byte strings of at most limit bytes.
func ByteStrings[T ~string | ~[]byte](c *Coder, num int, p *[]T, count, limit int) {
	if !c.reading {
		for _, v := range *p {
			c.buf = protowire.AppendTag(c.buf, protowire.Number(num), protowire.BytesType)
			c.buf = protowire.AppendBytes(c.buf, []byte(v))
		}
		return
	}
	c.each(num, count, c.all(num), func(b []byte) {
		if len(b) > limit {
			c.Refuse(fmt.Sprintf("field %d has more than %d bytes", num, limit))
			return
		}
		*p = append(*p, T(c.mine(b)))
	})
}

// Sub is one message inside this one; nil is left out.
func Sub[T any, P interface {
	*T
	Message
}](c *Coder, num int, p **T) {
	if c.reading {
		if f, ok := c.last(num, protowire.BytesType); ok {
			v := new(T)
			c.sub(c.bytes(f), P(v))
			*p = v
		}
		return
	}
	if *p != nil {
		c.put(num, P(*p))
	}
}

// Value is one message inside this one, held by value; it is always written.
func Value[T any, P interface {
	*T
	Message
}](c *Coder, num int, p *T) {
	if c.reading {
		if f, ok := c.last(num, protowire.BytesType); ok {
			c.sub(c.bytes(f), P(p))
		}
		return
	}
	c.put(num, P(p))
}

// List is a list of at most count messages.
func List[T any, P interface {
	*T
	Message
}](c *Coder, num int, p *[]T, count int) {
	if !c.reading {
		for i := range *p {
			c.put(num, P(&(*p)[i]))
		}
		return
	}
	all := c.all(num)
	if len(all) == 0 {
		return
	}
	*p = slices.Grow(*p, min(len(all), count))
	c.each(num, count, all, func(b []byte) {
		*p = append(*p, *new(T))
		c.sub(b, P(&(*p)[len(*p)-1]))
	})
}

// each hands out the bytes of all fields of a number.
func (c *Coder) each(num, count int, all []field, fn func([]byte)) {
	for n, f := range all {
		if f.typ != protowire.BytesType || n >= count || c.err != nil {
			c.Refuse(fmt.Sprintf("field %d is not a list of at most %d", num, count))
			return
		}
		fn(c.bytes(f))
	}
}

// sub reads a message inside this one. Its fields lie on the same stack, so
// that a message of many parts needs room but once.
func (c *Coder) sub(b []byte, m Message) {
	around, fields, at, depth := c.buf, c.fields, c.at, len(c.stack)
	if err := c.scan(b); err != nil && c.err == nil {
		c.err = err
	} else if err == nil {
		c.buf, c.fields, c.at = b, c.stack[depth:], 0
		m.Fields(c)
	}
	c.buf, c.fields, c.at, c.stack = around, fields, at, c.stack[:depth]
}

// put writes a message with its length in front. The length of a short one is
// one byte, so room for one is left first and only a long one is moved.
func (c *Coder) put(num int, m Message) {
	c.buf = protowire.AppendTag(c.buf, protowire.Number(num), protowire.BytesType)
	at := len(c.buf)
	c.buf = append(c.buf, 0)
	m.Fields(c)
	size := len(c.buf) - at - 1
	if size < 1<<7 {
		c.buf[at] = byte(size)
		return
	}
	if size > math.MaxInt32 {
		c.Refuse("message too long")
		return
	}
	var room [binary.MaxVarintLen64]byte
	head := room[:binary.PutUvarint(room[:], uint64(size))]
	c.buf = append(c.buf, head[1:]...)
	copy(c.buf[at+len(head):], c.buf[at+1:at+1+size])
	copy(c.buf[at:], head)
}
