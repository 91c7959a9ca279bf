package till

import (
	"fmt"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till/dealer"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// Play plays a game once for the member on the sale: with a ticket of theirs, with
// points, or as one of a day's free plays (cap G1). Stake and prize are one entry,
// and the prize is what the next ticket of a sealed batch says that this terminal
// holds (rule S20).
func (t *Till) Play(by clerk.By, ref, id string) (clerk.Done, error) {
	return t.act(by, func(l *lane) (clerk.Done, error) { return t.playAt(by, l, ref, id) })
}

func (t *Till) playAt(by clerk.By, l *lane, ref, id string) (clerk.Done, error) {
	alike := func(b ledger.Body) bool { return b.(*ledger.Play).Stake.Game == id }
	return t.confirmAt(by, l, ref, ledger.KindPlay, alike, func(l *lane) (confirmation, error) {
		g, ok := t.Programme().Game(id)
		switch {
		case !ok:
			return confirmation{}, refuse("unknown-game")
		case l.Member == 0:
			return confirmation{}, refuse("no-member")
		case !l.Proof.MaySpend():
			return confirmation{}, refuse("not-proved")
		}
		return confirmation{
			input: fmt.Appendf(nil, "%s %s", id, l.Member),
			next:  l.basket,
			build: func(x *clerk.Txn) (ledger.Body, error) { return t.play(x, by, l, &g) },
			done: func(d clerk.Done) {
				l.last = &Last{Kind: ledger.KindPlay, Origin: d.Origin}
				level, code, name := view.Said(&g, &d.Entry.Body.(*ledger.Play).Stake)
				l.say(level, code, name)
			},
		}, nil
	})
}

// play makes the entry of one play.
func (t *Till) play(x *clerk.Txn, by clerk.By, l *lane, g *programme.Game) (ledger.Body, error) {
	s, err := t.dealer.Play(x, by, l.Member, g)
	if err != nil {
		return nil, err
	}
	body := &ledger.Play{Member: l.Member, Proof: l.Proof, Day: t.Programme().BusinessDay(x.Now.Wall), Stake: s}
	t.honour(x, by.Lane, l.Member, []ledger.Stake{s})
	return body, nil
}

// honour prints the vouchers that plays won, and tells everybody of what is to be
// told.
func (t *Till) honour(x *clerk.Txn, lane uint32, who member.ID, plays []ledger.Stake) {
	t.dealer.Tell(x, who, plays)
	for _, n := range dealer.Papers(plays) {
		t.Print(x, lane, slip.Voucher, n, slip.Facts{})
	}
}
