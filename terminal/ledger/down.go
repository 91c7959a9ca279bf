package ledger

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// DownBytesMax bounds one entry of HQ's journal for a terminal.
const DownBytesMax = 64 << 10

// Down is one entry of HQ's journal for one terminal. Each is signed by
// itself, so that a terminal can prove to a restored HQ what HQ once said.
type Down struct {
	Terminal TerminalID
	Epoch    uint64
	Seq      DownSeq
	Wall     int64     // unix milliseconds at HQ
	Note     *lot.Note // rights for this terminal
}

// Fields lists the message's fields.
func (d *Down) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &d.Terminal)
	codec.Uint(c, 2, &d.Epoch)
	codec.Uint(c, 3, &d.Seq)
	codec.Int(c, 4, &d.Wall)
	codec.Sub(c, 5, &d.Note)
}

// SignedDown is a down entry as sent and stored: the bytes that were signed.
type SignedDown struct {
	Bytes     []byte
	Signature [ed25519.SignatureSize]byte
}

// Fields lists the message's fields.
func (s *SignedDown) Fields(c *codec.Coder) {
	codec.Bytes(c, 1, &s.Bytes, DownBytesMax)
	codec.Array(c, 2, s.Signature[:])
}

// SignDown signs a down entry with HQ's key.
func SignDown(d Down, key ed25519.PrivateKey) []byte {
	s := SignedDown{Bytes: codec.Marshal(&d)}
	copy(s.Signature[:], ed25519.Sign(key, downText(s.Bytes)))
	return codec.Marshal(&s)
}

// OpenDown checks HQ's signature on a stored or received down entry and reads
// it. Without a key the signature is not checked.
func OpenDown(b []byte, key ed25519.PublicKey) (Down, error) {
	var s SignedDown
	if err := codec.Unmarshal(b, &s); err != nil {
		return Down{}, fmt.Errorf("down entry: %w", err)
	}
	if key != nil && (len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, downText(s.Bytes), s.Signature[:])) {
		return Down{}, fmt.Errorf("down entry: signature: %w", codec.ErrMalformed)
	}
	var d Down
	if err := codec.Unmarshal(s.Bytes, &d); err != nil {
		return Down{}, fmt.Errorf("down entry: %w", err)
	}
	return d, nil
}

func downText(b []byte) []byte {
	text := []byte("jifen0 down")
	text = binary.BigEndian.AppendUint32(text, uint32(len(b)))
	return append(text, b...)
}
