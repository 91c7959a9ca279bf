package hq

import (
	"crypto/hmac"
	"errors"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq/admission"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Invite opens a code with which one board may enrol as a terminal, or come back
// with the key that it has, within a quarter of an hour. Approved says that
// whoever asks for the code has the board in hand; else a person looks at the
// board's fingerprint first.
func (h *HQ) Invite(id ledger.TerminalID, code string, approved bool, by By) (until time.Time, err error) {
	until = h.o.Now().Add(admission.OpenFor)
	err = h.decide(func(w *decision.Work) error {
		if err := admission.Known(w.Tx, id); err != nil {
			return err
		}
		return admission.Put(w.Tx, id, &admission.Invitation{Code: code, Until: until.UnixMilli(), Approved: approved, By: by.Actor})
	})
	return until, err
}

// Hear invites a decommissioned terminal that turned up, to tell what HQ has not heard.
func (h *HQ) Hear(id ledger.TerminalID, code string, by By) (until time.Time, err error) {
	err = h.Look(func(w *decision.Work) error {
		gone, err := w.Gone(id)
		if err = errors.Join(err, admission.Known(w.Tx, id)); err == nil && !gone {
			err = admission.ErrNotGone
		}
		return err
	})
	if err != nil {
		return until, err
	}
	return h.Invite(id, code, false, by)
}

// InviteCode is the code that is open for a terminal, or "".
func (h *HQ) InviteCode(id ledger.TerminalID) (code string, err error) {
	err = h.o.Book.View(func(tx book.Tx) error {
		i, err := admission.Of(tx, id, h.o.Now())
		if i != nil {
			code = i.Code
		}
		return err
	})
	return code, err
}

// Applicants lists the boards that used a code and wait for a person.
func (h *HQ) Applicants() (out []admission.Applicant, err error) {
	err = h.o.Book.View(func(tx book.Tx) error {
		out, err = admission.Applicants(tx, h.o.Now())
		return err
	})
	return out, err
}

// Admit answers a board that waits.
func (h *HQ) Admit(id ledger.TerminalID, admitted bool, by By) error {
	return h.decide(func(w *decision.Work) error {
		return admission.Admit(w.Tx, id, admitted, by.Actor, h.o.Now())
	})
}

// judgeBoard says with which code a board may enrol now; "" while it waits.
func (h *HQ) judgeBoard(tx book.Tx, id ledger.TerminalID, m *wire.Enrol) (code string, err error) {
	if code := h.codes[id]; code != "" { // the simulation's and the tests'
		if want := wire.EnrolMac(code, id, m.Key[:]); hmac.Equal(want[:], m.Mac[:]) {
			return code, nil
		}
	}
	i, err := admission.Of(tx, id, h.o.Now())
	if err != nil {
		return "", err
	}
	if i == nil {
		return "", &exchange.RefusedError{Code: "denied-code"}
	}
	return i.Judge(tx, id, m, h.o.Now())
}
