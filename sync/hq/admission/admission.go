// Package admission is which boards may enrol: the codes that HQ has opened, the
// boards that used them, who waits for a person's yes (sec K2), and which board is
// which terminal. All of it is in the book, in the transaction that it is given.
package admission

import (
	"crypto/ed25519"
	"crypto/hmac"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Limits of an invitation.
const (
	OpenFor = 15 * time.Minute // a code nobody used is good for
	waits   = 24 * time.Hour   // a board that used it may wait for a person
	bytes   = 128              // of a code, at most
)

// Errors of inviting.
var (
	ErrNotInvited = errors.New("no board waits for an answer there")
	ErrUnknown    = errors.New("HQ has no such terminal: it is not in the settings")
	ErrNotGone    = errors.New("the terminal is not decommissioned: it comes in by itself")
)

// Invitation is a code with which one board may enrol, once.
type Invitation struct {
	Code     string
	Until    int64 // unix ms
	Approved bool
	Key      []byte // of the board that used it, or none
	Software string
	By       string
}

// Fields lists the message's fields.
func (i *Invitation) Fields(c *codec.Coder) {
	codec.String(c, 1, &i.Code, bytes)
	codec.Int(c, 2, &i.Until)
	codec.Bool(c, 3, &i.Approved)
	codec.Bytes(c, 4, &i.Key, ed25519.PublicKeySize)
	codec.String(c, 5, &i.Software, ledger.TextBytesMax)
	codec.String(c, 6, &i.By, ledger.TextBytesMax)
}

func meta(id ledger.TerminalID) string { return "invite-" + id.String() }

// Of is the open invitation of a terminal, or nil.
func Of(tx book.Tx, id ledger.TerminalID, now time.Time) (*Invitation, error) {
	text, err := tx.Meta(meta(id))
	if err != nil || text == "" {
		return nil, err
	}
	var i Invitation
	raw, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		err = codec.Unmarshal(raw, &i)
	}
	if err != nil || i.Until < now.UnixMilli() {
		return nil, err
	}
	return &i, nil
}

// Put opens or changes a terminal's invitation; nil closes it.
func Put(tx book.Tx, id ledger.TerminalID, i *Invitation) error {
	if i == nil {
		return tx.PutMeta(meta(id), "")
	}
	b, err := codec.Kept(i)
	if err != nil {
		return err
	}
	return tx.PutMeta(meta(id), base64.StdEncoding.EncodeToString(b))
}

// Close forgets an invitation: its board has enrolled.
func Close(tx book.Tx, id ledger.TerminalID) error {
	if text, err := tx.Meta(meta(id)); err != nil || text == "" {
		return err
	}
	return Put(tx, id, nil)
}

// Known is an error that matches ErrUnknown where HQ has no such terminal.
func Known(tx book.Tx, id ledger.TerminalID) error {
	_, err := tx.Terminal(id)
	if errors.Is(err, book.ErrNotFound) {
		return fmt.Errorf("%s: %w", id, ErrUnknown)
	}
	return err
}

// Met closes the invitation of a terminal that came in. What is decommissioned may
// come again as long as its invitation is open.
func Met(tx book.Tx, id ledger.TerminalID, gone bool) error {
	if gone {
		return nil
	}
	return Close(tx, id)
}

// Admit answers a board that waits.
func Admit(tx book.Tx, id ledger.TerminalID, admitted bool, by string, now time.Time) error {
	i, err := Of(tx, id, now)
	switch {
	case err != nil:
		return err
	case i == nil || len(i.Key) == 0:
		return ErrNotInvited
	case !admitted:
		return Put(tx, id, nil)
	}
	i.Approved, i.By = true, by
	return Put(tx, id, i)
}

// Applicant is a board that used a code and waits for a person.
type Applicant struct {
	Terminal ledger.TerminalID
	Key      ed25519.PublicKey
	Software string
	Until    time.Time
}

// Applicants lists the boards that wait.
func Applicants(tx book.Tx, now time.Time) (out []Applicant, err error) {
	terminals, err := tx.Terminals()
	if err != nil {
		return nil, err
	}
	for _, t := range terminals {
		i, err := Of(tx, t.ID, now)
		if err != nil {
			return nil, err
		}
		if i != nil && !i.Approved && len(i.Key) > 0 {
			out = append(out, Applicant{t.ID, i.Key, i.Software, time.UnixMilli(i.Until)})
		}
	}
	return out, nil
}

// Judge says whether a board that shows the proof of a code may enrol now, and
// binds the code to it: no other board can use it. The code is "" while nobody
// has said yes.
func (i *Invitation) Judge(tx book.Tx, id ledger.TerminalID, m *wire.Enrol, now time.Time) (code string, err error) {
	want := wire.EnrolMac(i.Code, id, m.Key[:])
	switch {
	case !hmac.Equal(want[:], m.Mac[:]):
		return "", &exchange.RefusedError{Code: "denied-code"}
	case len(i.Key) > 0 && !ed25519.PublicKey(i.Key).Equal(ed25519.PublicKey(m.Key[:])):
		return "", &exchange.RefusedError{Code: "denied-board"}
	case len(i.Key) == 0:
		i.Key, i.Software, i.Until = m.Key[:], m.Software, now.Add(waits).UnixMilli()
		if err := Put(tx, id, i); err != nil {
			return "", err
		}
		if !i.Approved {
			if err := tx.AddAlarm(book.Alarm{At: now, Terminal: id, Code: "alarm-board-waits", Detail: m.Software}); err != nil {
				return "", err
			}
		}
	}
	if !i.Approved {
		return "", nil
	}
	return i.Code, nil
}
