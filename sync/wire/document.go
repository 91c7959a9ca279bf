package wire

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// ChunkBytesMax bounds the part of a document in one message.
const ChunkBytesMax = 32 << 10

// Fetch asks for a part of a document that HQ has announced.
type Fetch struct {
	Root   ledger.Hash
	Base   ledger.Hash // a document that is here whole, from which it may be told; zero for none
	Offset uint64      // in the packed form
	Sum    ledger.Hash // of the packed form of which the parts before it are; zero at the start
}

// Fields lists the message's fields.
func (m *Fetch) Fields(c *codec.Coder) {
	codec.Array(c, 1, m.Root[:])
	codec.Array(c, 2, m.Base[:])
	codec.Uint(c, 3, &m.Offset)
	codec.Array(c, 4, m.Sum[:])
}

// Kind is KindFetch.
func (*Fetch) Kind() Kind { return KindFetch }

// Chunk is a part of a document's packed form. It is of the form that was asked
// for only if the sum is; else it is the first part of another.
type Chunk struct {
	Root   ledger.Hash
	Base   ledger.Hash // that it is told from, or zero
	Sum    ledger.Hash // SHA-256 of the packed form
	Size   uint64      // of the packed form; 0 where HQ has no such document
	Offset uint64
	Bytes  []byte
}

// Fields lists the message's fields.
func (m *Chunk) Fields(c *codec.Coder) {
	codec.Array(c, 1, m.Root[:])
	codec.Array(c, 2, m.Base[:])
	codec.Array(c, 3, m.Sum[:])
	codec.Uint(c, 4, &m.Size)
	codec.Uint(c, 5, &m.Offset)
	codec.Bytes(c, 6, &m.Bytes, ChunkBytesMax)
}

// Kind is KindChunk.
func (*Chunk) Kind() Kind { return KindChunk }

// CertificateBytesMax bounds a certificate.
const CertificateBytesMax = 4 << 10

// Renew asks for a new certificate of the terminal's key, before its own ends.
type Renew struct {
	Until int64 // when that is, unix ms
}

// Fields lists the message's fields.
func (m *Renew) Fields(c *codec.Coder) { codec.Int(c, 1, &m.Until) }

// Kind is KindRenew.
func (*Renew) Kind() Kind { return KindRenew }

// Certificate is what the broker wants to see of a terminal, and by what the
// terminal knows the broker.
type Certificate struct {
	Own       []byte // X.509 in DER: of the terminal's key
	Authority []byte // X.509 in DER: HQ's, which signs both ends
}

// Fields lists the message's fields.
func (m *Certificate) Fields(c *codec.Coder) {
	codec.Bytes(c, 1, &m.Own, CertificateBytesMax)
	codec.Bytes(c, 2, &m.Authority, CertificateBytesMax)
}

// Kind is KindCertificate.
func (*Certificate) Kind() Kind { return KindCertificate }
