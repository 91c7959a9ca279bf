package token

import "encoding/binary"

// fields reads a body in its fixed order. After the first fault nothing more is
// read, and every later value is zero.
type fields struct {
	rest []byte
	bad  bool
}

// done reports whether all was read and nothing is left.
func (f *fields) done() bool { return !f.bad && len(f.rest) == 0 }

// number reads a varint of at most the value given, in its shortest form.
func (f *fields) number(largest uint64) uint64 {
	n, size := binary.Uvarint(f.rest)
	if size <= 0 || n > largest || size > 1 && f.rest[size-1] == 0 {
		f.refuse()
		return 0
	}
	f.rest = f.rest[size:]
	return n
}

// fixed reads eight bytes.
func (f *fields) fixed() uint64 {
	if len(f.rest) < 8 {
		f.refuse()
		return 0
	}
	n := binary.BigEndian.Uint64(f.rest)
	f.rest = f.rest[8:]
	return n
}

// bytes reads as many bytes as there is room for.
func (f *fields) bytes(to []byte) {
	if len(f.rest) < len(to) {
		f.refuse()
		return
	}
	copy(to, f.rest)
	f.rest = f.rest[len(to):]
}

// text reads a length and so many bytes, at most the limit.
func (f *fields) text(limit int) string {
	size := int(f.number(uint64(limit)))
	if size > len(f.rest) {
		f.refuse()
		return ""
	}
	s := string(f.rest[:size])
	f.rest = f.rest[size:]
	return s
}

func (f *fields) refuse() { f.bad, f.rest = true, nil }
