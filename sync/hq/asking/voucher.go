package asking

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/token"
)

// silentAfter is how long nothing is heard of a terminal until nobody waits for
// it: four reports are missed.
const silentAfter = time.Minute

// Why a voucher's right does not come: words of the catalogue.
const (
	Waits   = "voucher-waits"    // it is being called back from where it lies
	Held    = "voucher-held"     // it lies at a terminal that is silent
	Frozen  = "voucher-checked"  // it lies at a terminal where it waits for a witness
	Here    = "voucher-frozen"   // it lies at the very terminal that asks
	Used    = "voucher-used-at"  // it was handed out for
	Back    = "voucher-returned" // it was taken back
	Lapsed  = "voucher-lapsed"   // HQ ended it
	Unheard = "voucher-unheard"  // the terminal that made it has not told HQ of it
	Forged  = "token-forged"     // nobody signed it who could
	Blocked = "member-blocked"
	NotNow  = "voucher-not-now" // HQ gives this terminal nothing for now
)

// voucher gives the right of one voucher, or says why not.
func voucher(w *decision.Work, t Terms, id ledger.TerminalID, m *wire.Ask, a *wire.Answer) error {
	v, signer, err := read(w, t, m.Voucher)
	if err != nil {
		return err
	}
	if v.Lot == (lot.ID{}) {
		a.Code = Forged
		return nil
	}
	l, err := w.Tx.Lot(v.Lot)
	if errors.Is(err, book.ErrNotFound) {
		a.Code = Unheard
		return at(w, a, signer)
	}
	if err != nil {
		return err
	}
	if l.Asset.Benefit() != v.Benefit && l.Asset.Coupon() != v.Benefit {
		a.Code = Forged
		return nil
	}
	ruling, err := w.Desk.Ruling(l.Owner)
	if err != nil {
		return err
	}
	a.Member = ruling.Member
	accounts, err := w.Tx.AccountsOf(l.ID)
	if err != nil {
		return err
	}
	if decision.At(accounts, book.AtHQ) <= 0 {
		return away(w, t, id, l, accounts, a)
	}
	if ruling.Blocked {
		a.Code = Blocked
		return nil
	}
	if may, err := w.MayTake(id, m.Incarnation); err != nil || !may {
		a.Code = NotNow
		return err
	}
	if err := w.Meet(ruling.Member, id); err != nil {
		return err
	}
	a.Given = true
	held := lot.Holding{Lot: l, Amount: decision.At(accounts, book.AtHQ)}
	note := lot.Note{Incarnation: uint64(m.Incarnation), Ask: m.ID, Holdings: []lot.Holding{held}}
	return w.Note(id, note, decision.By{Reason: "voucher"})
}

// read opens a voucher under the key of whoever made its lot; the zero one is not
// signed by them.
func read(w *decision.Work, t Terms, text string) (v token.Voucher, signer ledger.TerminalID, err error) {
	named, ok := token.VoucherOf(text)
	if !ok {
		return v, 0, nil
	}
	signer = ledger.TerminalID(named.Lot.Terminal)
	key := ed25519.PublicKey(t.Own)
	if signer != 0 {
		row, err := w.Tx.Terminal(signer)
		if errors.Is(err, book.ErrNotFound) {
			return v, 0, nil
		}
		if err != nil {
			return v, 0, err
		}
		key = row.Key
	}
	if v, err = token.OpenVoucher(text, token.NewKeys(key).Find); err != nil {
		return token.Voucher{}, 0, nil
	}
	return v, signer, nil
}

// away says where a voucher is that is not at HQ, and calls it back from there if
// HQ is in touch with whoever has it.
func away(w *decision.Work, t Terms, id ledger.TerminalID, l lot.Lot, accounts []book.Account, a *wire.Answer) error {
	for _, x := range accounts {
		if x.Amount <= 0 {
			continue
		}
		switch x.Place.Kind {
		case book.InFlight:
			a.Code = Waits
			return nil
		case book.AtTerminal:
			return heldAt(w, t, id, x, a)
		case book.Spent:
			a.Code = Used
			return usedAt(w, l, a)
		case book.Late:
			a.Code = Held
			return at(w, a, ledger.TerminalID(l.ID.Terminal))
		case book.Clawed:
			a.Code = Back
		default:
			a.Code = Lapsed
		}
	}
	return nil
}

// heldAt deals with a voucher that lies at a terminal.
func heldAt(w *decision.Work, t Terms, id ledger.TerminalID, x book.Account, a *wire.Answer) error {
	there := x.Place.Terminal
	if there == id {
		a.Code = Here
		return nil
	}
	if err := at(w, a, there); err != nil {
		return err
	}
	state, err := fold.Load(there, w.Tx.State(there))
	if err != nil {
		return err
	}
	frozen, err := state.Frozen(x.Lot.Owner)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(frozen, func(h lot.Holding) bool { return h.Lot.ID == x.Lot.ID }) {
		a.Code = Frozen
		return nil
	}
	if a.Wall == 0 || t.Now.Sub(time.UnixMilli(a.Wall)) > silentAfter {
		a.Code = Held // and it stays there: the member may go there with it
		return nil
	}
	a.Code = Waits
	return w.Recall(there, x.Lot.Owner, []lot.Draw{{Lot: x.Lot.ID, Amount: x.Amount}}, decision.ByPolicy("voucher"))
}

// at says of which terminal an answer is, and when it was heard last.
func at(w *decision.Work, a *wire.Answer, id ledger.TerminalID) error {
	row, err := w.Tx.Terminal(id)
	if err != nil {
		if errors.Is(err, book.ErrNotFound) {
			err = nil
		}
		return err
	}
	a.At, a.Store = id, row.Store
	if !row.Heard.IsZero() {
		a.Wall = row.Heard.UnixMilli()
	}
	return nil
}

// usedAt finds where a voucher was handed out for, and when.
func usedAt(w *decision.Work, l lot.Lot, a *wire.Answer) error {
	terminals, err := w.Desk.SeenBy(l.Owner)
	if err != nil {
		return err
	}
	if made := ledger.TerminalID(l.ID.Terminal); made != 0 && !slices.Contains(terminals, made) {
		terminals = append(terminals, made)
	}
	for _, id := range terminals {
		state, err := fold.Load(id, w.Tx.State(id))
		if err != nil {
			return err
		}
		v, ok, err := state.Voucher(l.ID)
		if err != nil {
			return err
		}
		if ok && v.Status == fold.VoucherUsed {
			err := at(w, a, id)
			a.Wall = v.Wall
			return err
		}
	}
	return nil
}
