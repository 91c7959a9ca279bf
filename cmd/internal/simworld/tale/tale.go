// Package tale says in plain words' terms what happens to members and stores in a
// simulated world.
package tale

import (
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Points is the kind of points that is told of.
const Points = lot.Consumption

// Event says in a word what happened: to a member, or to a store.
type Event string

// What happens to members.
const (
	Bought       Event = "bought"
	Redeemed     Event = "redeemed"
	GotGoods     Event = "got-goods"
	VoucherBack  Event = "voucher-back"
	Returned     Event = "returned"
	ReturnAsked  Event = "return-asked" // at a store that did not make the sale
	CheckedIn    Event = "checked-in"
	CheckInAsked Event = "check-in-asked" // HQ grants it, once
	Answered     Event = "answered"
	Adjusted     Event = "adjusted"
	MadeGood     Event = "made-good"
	Merged       Event = "merged"
)

// What happens to stores.
const (
	LineCut   Event = "line-cut"
	LineBack  Event = "line-back"
	PowerCut  Event = "power-cut"
	PowerBack Event = "power-back"
	CardLost  Event = "card-lost"  // it broke, and a new one was put in
	CardBack  Event = "card-back"  // an old copy of the card was put in
	BoardGone Event = "board-gone" // stolen
)

// Line is one thing that happened in a world.
type Line struct {
	At     time.Duration
	Member member.ID // 0: to the store, and so to all
	Store  string    // "" is HQ
	Event  Event
	Earned lot.Amount // points
	Used   lot.Amount
	Entry  string // where the journals have it
}

// Of is what an entry means to a member; of one that means nothing the member is 0.
func Of(body ledger.Body) Line {
	switch body := body.(type) {
	case *ledger.Sale:
		l := Line{Member: body.Member, Event: Bought}
		for _, a := range body.Awards {
			if a.Asset == Points {
				l.Earned += a.Amount
			}
		}
		if body.Deduction != nil {
			l.Used = lot.Sum(body.Deduction.Draws)
		}
		return l
	case *ledger.Redeem:
		return Line{Member: body.Member, Event: Redeemed, Used: lot.Sum(body.Draws)}
	case *ledger.VoucherUse:
		return Line{Member: body.Member, Event: GotGoods}
	case *ledger.VoucherBack:
		return Line{Member: body.Member, Event: VoucherBack, Earned: lot.Sum(body.Back)}
	case *ledger.Return:
		return Line{Member: body.Member, Event: Returned, Earned: lot.Sum(body.Back), Used: lot.Sum(body.Claw)}
	case *ledger.ReturnClaim:
		return Line{Member: body.Member, Event: ReturnAsked}
	case *ledger.CheckIn:
		if body.Claim {
			return Line{Member: body.Member, Event: CheckInAsked}
		}
		return Line{Member: body.Member, Event: CheckedIn, Earned: issued(body.Issues)}
	case *ledger.Answer:
		return Line{Member: body.Member, Event: Answered, Earned: issued(body.Issues)}
	case *ledger.Grant:
		return Line{Member: body.Member, Event: Adjusted, Earned: issued(body.Issues)}
	case *ledger.WriteOff:
		return Line{Member: body.Member, Event: Adjusted, Used: lot.Sum(body.Draws)}
	}
	return Line{}
}

func issued(list []ledger.Issue) (n lot.Amount) {
	for _, i := range list {
		if i.Asset == Points {
			n += i.Amount
		}
	}
	return n
}

// Held is where points of a member are when all agree.
type Held struct {
	Member member.ID
	Kind   book.PlaceKind
	Store  string // of a terminal
	Amount lot.Amount
}
