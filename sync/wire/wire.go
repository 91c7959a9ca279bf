// Package wire is what a terminal and HQ say to each other: messages, their
// encoding, and the signatures under which they are believed. Nothing in it
// sends, stores or decides. The published contract is jifen.proto; a test
// holds the two together.
package wire

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/signing"
)

// Version is the version of the protocol. It is frozen: fields and kinds are
// added under new numbers, and who does not know them passes them over.
const Version = 1

// MessageBytesMax bounds one message, both ways.
const MessageBytesMax = 128 << 10

// Errors of reading a message.
var (
	ErrVersion   = errors.New("message of another version")
	ErrSignature = errors.New("signature does not match")
	ErrKind      = errors.New("message of an unknown kind")
)

// Kind numbers the messages. Numbers are appended, never reused.
type Kind uint16

// The kinds of message: up from a terminal, down from HQ.
const (
	KindEnrol    Kind = 1
	KindHello    Kind = 2
	KindBatch    Kind = 3
	KindAsk      Kind = 4
	KindReport   Kind = 5
	KindEcho     Kind = 6
	KindFetch    Kind = 7
	KindRenew    Kind = 8
	KindForgot   Kind = 9
	KindEnrolled Kind = 20
	KindDenied   Kind = 21
	KindWelcome  Kind = 22
	KindAck      Kind = 23
	KindResume   Kind = 24
	KindDown     Kind = 25
	KindAnswer   Kind = 26
	KindLacks    Kind = 27
	KindChunk    Kind = 28

	KindCertificate Kind = 29
	KindHistory     Kind = 30
)

// Message is one message's content.
type Message interface {
	codec.Message
	Kind() Kind
}

// Envelope is what travels: a message and who answers for it.
type Envelope struct {
	Version   uint32
	Terminal  ledger.TerminalID // whose exchange this belongs to
	Epoch     uint64            // HQ's, on the way down
	Kind      Kind
	Body      []byte
	Signature [ed25519.SignatureSize]byte // over all of the above
}

// Fields lists the message's fields.
func (e *Envelope) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &e.Version)
	codec.Uint(c, 2, &e.Terminal)
	codec.Uint(c, 3, &e.Epoch)
	codec.Uint(c, 4, &e.Kind)
	codec.Bytes(c, 5, &e.Body, MessageBytesMax)
	codec.Array(c, 6, e.Signature[:])
}

func (e *Envelope) text() []byte {
	b := []byte("jifen1 message")
	b = binary.BigEndian.AppendUint32(b, e.Version)
	b = binary.BigEndian.AppendUint32(b, uint32(e.Terminal))
	b = binary.BigEndian.AppendUint64(b, e.Epoch)
	b = binary.BigEndian.AppendUint16(b, uint16(e.Kind))
	return append(b, e.Body...)
}

// Seal signs a message and returns what to send. epoch is 0 on the way up.
func Seal(t ledger.TerminalID, epoch uint64, m Message, key ed25519.PrivateKey) []byte {
	e := Envelope{Version: Version, Terminal: t, Epoch: epoch, Kind: m.Kind(), Body: codec.Marshal(m)}
	if key != nil {
		e.Signature = signing.Sign(key, e.text())
	}
	return codec.Marshal(&e)
}

// Open reads an envelope. It checks no signature: Verify does, once it is
// known whose it must be.
func Open(b []byte) (Envelope, error) {
	if len(b) > MessageBytesMax {
		return Envelope{}, fmt.Errorf("message of %d bytes: %w", len(b), codec.ErrMalformed)
	}
	var e Envelope
	if err := codec.Unmarshal(b, &e); err != nil {
		return Envelope{}, fmt.Errorf("envelope: %w", err)
	}
	if e.Version != Version {
		return Envelope{}, fmt.Errorf("version %d, this build speaks %d: %w", e.Version, Version, ErrVersion)
	}
	return e, nil
}

// Verify checks an envelope's signature.
func (e *Envelope) Verify(key ed25519.PublicKey) error {
	if !signing.Verify(key, e.text(), e.Signature[:]) {
		return fmt.Errorf("message of kind %d for %s: %w", e.Kind, e.Terminal, ErrSignature)
	}
	return nil
}

// Message reads an envelope's content.
func (e *Envelope) Message() (Message, error) {
	m := newMessage(e.Kind)
	if m == nil {
		return nil, fmt.Errorf("kind %d: %w", e.Kind, ErrKind)
	}
	if err := codec.Unmarshal(e.Body, m); err != nil {
		return nil, fmt.Errorf("message of kind %d: %w", e.Kind, err)
	}
	return m, nil
}

func newMessage(k Kind) Message {
	switch k {
	case KindEnrol:
		return &Enrol{}
	case KindHello:
		return &Hello{}
	case KindBatch:
		return &Batch{}
	case KindAsk:
		return &Ask{}
	case KindReport:
		return &Report{}
	case KindEcho:
		return &Echo{}
	case KindFetch:
		return &Fetch{}
	case KindRenew:
		return &Renew{}
	case KindForgot:
		return &Forgot{}
	case KindHistory:
		return &History{}
	case KindChunk:
		return &Chunk{}
	case KindCertificate:
		return &Certificate{}
	case KindEnrolled:
		return &Enrolled{}
	case KindDenied:
		return &Denied{}
	case KindWelcome:
		return &Welcome{}
	case KindAck:
		return &Ack{}
	case KindResume:
		return &Resume{}
	case KindDown:
		return &Down{}
	case KindAnswer:
		return &Answer{}
	case KindLacks:
		return &Lacks{}
	}
	return nil
}
