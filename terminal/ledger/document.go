package ledger

import (
	"crypto/sha256"

	"github.com/jifen-pos/jifen/terminal/codec"
)

// DocumentBytesMax bounds one document: rules, products, members.
const DocumentBytesMax = 16 << 20

// Document is the head of a document that HQ has published: what it is of, and
// the hash by which it is fetched and believed. It takes the place of the one
// before it from the time given on; until it is here whole, that one stays.
type Document struct {
	What    string // programme, products, members
	Version string // for people
	Root    Hash   // SHA-256 of its bytes
	Size    uint64
	From    int64 // unix ms by HQ's clock; 0 is at once
}

// Fields lists the message's fields.
func (d *Document) Fields(c *codec.Coder) {
	codec.String(c, 1, &d.What, TextBytesMax)
	codec.String(c, 2, &d.Version, TextBytesMax)
	codec.Array(c, 3, d.Root[:])
	codec.Uint(c, 4, &d.Size)
	codec.Int(c, 5, &d.From)
	if c.Reading() && (d.What == "" || d.Size > DocumentBytesMax) {
		c.Refuse("document of nothing, or out of range")
	}
}

// Is reports whether bytes are the document.
func (d *Document) Is(b []byte) bool { return sha256.Sum256(b) == d.Root }
