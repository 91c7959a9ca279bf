// Package member holds what names a member and what proves who stands at the
// till: ids, proofs, and the masks under which names and phone numbers may be
// shown. It holds no rights and never a phone number in clear.
package member

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ID names a member for ever. Zero is nobody.
type ID uint64

// ErrID says that a text does not name a member.
var ErrID = errors.New("not a member id")

// String returns the form people read, such as "M1017".
func (id ID) String() string { return "M" + strconv.FormatUint(uint64(id), 10) }

// ParseID reads the form that String writes.
func ParseID(s string) (ID, error) {
	digits, ok := strings.CutPrefix(s, "M")
	n, err := strconv.ParseUint(digits, 10, 64)
	if !ok || err != nil || n == 0 {
		return 0, ErrID
	}
	return ID(n), nil
}

// Proof says how the member at the till was identified (cap M2).
type Proof uint8

// The proofs, from weakest to strongest. They are stored: append, never reuse.
const (
	Unproved Proof = iota // nobody, or a member named by a cashier
	ByPhone               // a phone number: earns, never spends
	ByCard                // the card's barcode was scanned
	ByPass                // a pass signed by HQ, minutes old
)

// MaySpend reports whether points may be used under this proof: a phone
// number alone earns and never spends.
func (p Proof) MaySpend() bool { return p == ByCard || p == ByPass }

// MaskName shows the first character of a name and hides the rest.
func MaskName(name string) string {
	_, size := utf8.DecodeRuneInString(name)
	if size == 0 {
		return ""
	}
	return name[:size] + strings.Repeat("*", min(max(utf8.RuneCountInString(name)-1, 1), 3))
}

// MaskPhone shows the first three and last four digits of a phone number, and
// nothing of anything shorter than that.
func MaskPhone(phone string) string {
	if len(phone) < 8 {
		return strings.Repeat("*", len(phone))
	}
	return phone[:3] + strings.Repeat("*", len(phone)-7) + phone[len(phone)-4:]
}
