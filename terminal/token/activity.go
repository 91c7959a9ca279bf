package token

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// Activity is the code of a lecture or a service session, as it hangs on its
// wall: whoever is there has it scanned (cap M7).
type Activity struct {
	ID          string
	Nonce       uint64 // of this printing
	From, Until uint32 // minutes since 1970-01-01 UTC
}

// ValidAt reports whether the code is good at a minute.
func (a Activity) ValidAt(minute uint32) bool { return a.From <= minute && minute <= a.Until }

func (a Activity) valid() bool { return lot.ValidName(a.ID) && a.From <= a.Until }

// SealActivity signs an activity's code. What says something impossible is
// ErrForm.
func SealActivity(a Activity, key ed25519.PrivateKey) (string, error) {
	if !a.valid() {
		return "", fmt.Errorf("activity %q: %w", a.ID, ErrForm)
	}
	b := binary.AppendUvarint(nil, uint64(len(a.ID)))
	b = binary.BigEndian.AppendUint64(append(b, a.ID...), a.Nonce)
	b = binary.AppendUvarint(b, uint64(a.From))
	return Seal(KindActivity, binary.AppendUvarint(b, uint64(a.Until)), key)
}

// OpenActivity verifies and reads an activity's code. Errors as for Open; another
// kind of token is ErrForm.
func OpenActivity(text string, keys func(KeyID) (ed25519.PublicKey, bool)) (Activity, error) {
	body, err := openKind(KindActivity, text, keys)
	if err != nil {
		return Activity{}, err
	}
	f := fields{rest: body}
	a := Activity{ID: f.text(lot.AssetBytesMax), Nonce: f.fixed()}
	a.From, a.Until = uint32(f.number(math.MaxUint32)), uint32(f.number(math.MaxUint32))
	if !f.done() || !a.valid() {
		return Activity{}, fmt.Errorf("activity: %w", ErrForm)
	}
	return a, nil
}
