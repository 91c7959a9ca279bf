// Package bearer is what people bring to the till in their hand and what this
// till may not have written: the voucher of another store, whose right is asked
// for; the slip of a day's close; the receipt of a till that is lost. What comes
// of a question comes back as a call: nobody waits. It redeems nothing by itself
// and keeps nothing over a restart: whoever has the paper shows it again.
package bearer

import (
	"crypto/ed25519"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till/view"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Options are what a till lends.
type Options struct {
	Terminal ledger.TerminalID
	Name     programme.Text // of the store
	Key      ed25519.PrivateKey
	Clerk    *clerk.Clerk
	Journal  journal.Journal
	Online   func() bool
	Stamp    func(time.Time) string
	// Show puts a voucher up at a lane, and Tell says something there.
	Show func(lane uint32, id lot.ID) error
	Tell func(lane uint32, level view.Level, code string, args ...programme.Text) error
	Log  *slog.Logger
}

// Bearer is what is brought to one terminal. It is safe for concurrent use.
type Bearer struct {
	o Options

	mu     sync.Mutex
	sought map[uint32]*sought // by lane
	known  map[string]bool    // texts that HQ has verified
	// answers are what became of questions, for programs that ask again.
	answers map[string]answer
	claims  map[string]claimed // of receipts, by text
	shown   map[uint32]shown   // challenges, by lane
	carried map[[4]byte][]token.Part
	called  map[member.ID]called
}

// knownMax bounds the texts that are remembered.
const knownMax = 256

// New makes one; it starts nothing.
func New(o Options) *Bearer {
	return &Bearer{
		o: o, sought: map[uint32]*sought{}, known: map[string]bool{}, answers: map[string]answer{}, claims: map[string]claimed{},
		shown: map[uint32]shown{}, carried: map[[4]byte][]token.Part{},
		called: map[member.ID]called{},
	}
}

// Keys are those that a code may be signed with: this terminal's and HQ's.
func (b *Bearer) Keys() token.Keys {
	own := b.o.Key.Public().(ed25519.PublicKey)
	if hq := b.o.Clerk.HQKey(); hq != nil {
		return token.NewKeys(own, hq)
	}
	return token.NewKeys(own)
}

// Unsigned is the refusal of a code that cannot be believed.
func (b *Bearer) Unsigned(by clerk.By, err error) error {
	b.o.Log.Warn("token refused", "lane", by.Lane, "error", err)
	switch {
	case errors.Is(err, token.ErrUnknownKey):
		return view.Refuse("token-elsewhere")
	case errors.Is(err, token.ErrForm), errors.Is(err, token.ErrTooLong):
		return view.Refuse("token-misread")
	}
	return view.Refuse("token-forged")
}

// Elsewhere is the refusal of a voucher whose right is not held here; HQ knows
// where it is.
const elsewhere = "voucher-elsewhere"

// Voucher is a voucher that may be handed out here now, or the refusal to show: a
// used one names the time and place of its first use.
func (b *Bearer) Voucher(state *fold.State, id lot.ID, today lot.Today) (fold.Voucher, error) {
	v, ok, err := state.Voucher(id)
	switch {
	case err != nil:
		return v, err
	case !ok:
		return v, view.Refuse("voucher-unknown")
	case v.Status == fold.VoucherUsed:
		return v, view.Refuse("voucher-used", view.Plain(b.o.Stamp(time.UnixMilli(v.Wall))), b.o.Name, view.Plain(v.Lane))
	case v.Status == fold.VoucherReturned:
		return v, view.Refuse("voucher-returned")
	case !today.Usable(v.Lot.Expires):
		return v, view.Refuse("voucher-expired", view.Plain(v.Lot.Expires))
	}
	held, err := state.Spendable(v.Member)
	if err != nil || has(held, id) {
		return v, err
	}
	if held, err = state.Frozen(v.Member); err != nil || !has(held, id) {
		return v, errors.Join(err, view.Refuse(elsewhere))
	}
	return v, view.Refuse("voucher-frozen")
}

func has(held []lot.Holding, id lot.ID) bool {
	for _, h := range held {
		if h.Lot.ID == id && h.Amount > 0 {
			return true
		}
	}
	return false
}

// Away reports whether a refusal says that a voucher's right may be elsewhere.
func Away(err error) bool {
	var r *view.Refusal
	return errors.As(err, &r) && (r.Code == elsewhere || r.Code == "voucher-unknown")
}
