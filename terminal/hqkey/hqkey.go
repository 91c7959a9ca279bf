// Package hqkey is what HQ's journal says of HQ's own signing key: that another
// one takes its place. Whose it is and who believes it, others decide.
package hqkey

import (
	"crypto/ed25519"

	"github.com/jifen-pos/jifen/terminal/codec"
)

// Change names the key under which HQ signs from the next entry on. It is signed
// by the one before.
type Change struct{ Key [ed25519.PublicKeySize]byte }

// Fields lists the message's fields.
func (m *Change) Fields(c *codec.Coder) { codec.Array(c, 1, m.Key[:]) }
