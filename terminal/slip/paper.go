package slip

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/token"
)

// ErrNoPaper says that an entry has no such paper.
var ErrNoPaper = errors.New("entry has no such paper")

// Kind says what a paper is. Stored: append, never reuse.
type Kind uint8

// The kinds of paper.
const (
	Receipt Kind = 1
	Voucher Kind = 2
	Handout Kind = 3
	Return  Kind = 4
	Void    Kind = 5
	Day     Kind = 6
	Claim   Kind = 7
	Rules   Kind = 8 // of no entry: what the shop puts up about its points
	Game    Kind = 9 // of no entry: what it puts up about a game
)

// OfReturn is the kind of a return's paper.
func OfReturn(r *ledger.Return) Kind {
	if r.Void {
		return Void
	}
	return Return
}

// Title is the word of the catalogue that a paper of this kind is headed with.
func (k Kind) Title() string {
	switch k {
	case Receipt:
		return "paper-receipt"
	case Voucher:
		return "paper-voucher"
	case Handout:
		return "paper-handout"
	case Return:
		return "paper-return"
	case Void:
		return "paper-void"
	case Day:
		return "paper-day"
	case Claim:
		return "paper-claim"
	case Rules:
		return "paper-rules"
	case Game:
		return "paper-draw"
	}
	return "paper"
}

// AfterReturn is what a return gives back, and what it takes of prizes; paid is
// what had paid for the sale, for what was redeemed in it and for its plays.
func AfterReturn(r *ledger.Return, paid []fold.Paid, plays []fold.SoldPlay) (f Facts) {
	for _, back := range r.Plays {
		f.prizesGone(plays, &back)
	}
	for _, d := range comesBack(r) {
		n := slices.IndexFunc(paid, func(p fold.Paid) bool { return p.Lot.ID == d.Lot })
		switch {
		case n >= 0 && paid[n].Lot.Asset.Points():
			f.Back += d.Amount
		case n >= 0 && paid[n].Lot.Asset.Coupon() != "":
			f.Coupons = append(f.Coupons, paid[n].Lot.Asset)
		}
	}
	return f
}

// prizesGone adds what is taken back of one play.
func (f *Facts) prizesGone(plays []fold.SoldPlay, back *ledger.PlayBack) {
	gone := func(number uint32, n lot.Amount, points *lot.Amount) {
		play, at := ledger.PlayOf(number), int(number-ledger.PrizeFrom)%ledger.PrizesMax
		if play < 0 || play >= len(plays) || at >= len(plays[play].Prizes) {
			return
		}
		if asset := plays[play].Prizes[at].Asset; asset.Points() {
			*points += n
		} else {
			f.Prizes = append(f.Prizes, asset)
		}
	}
	for _, d := range back.Claw {
		gone(d.Lot.N, d.Amount, &f.Won)
	}
	for _, d := range back.Due {
		gone(d.Award, d.Amount, &f.WonDue)
	}
}

// comesBack lists what a return gives back: to its lots, and to new ones in
// their place.
func comesBack(r *ledger.Return) []lot.Draw {
	list := slices.Clone(r.Back)
	for _, v := range r.Vouchers {
		list = append(list, v.Back...)
	}
	for _, p := range r.Plays {
		list = append(list, p.Back...)
	}
	for _, a := range r.Renewed() {
		list = append(list, lot.Draw{Lot: a.From, Amount: a.Amount})
	}
	return list
}

// Paper makes the paper of an entry, by the programme that was in force then.
// An entry with several has the voucher of its lot n beside its receipt. The
// hash is the entry's own.
func (s Shop) Paper(k Kind, id lot.ID, e ledger.Entry, hash ledger.Hash, f Facts) (*receipt.Document, error) {
	at := Moment{Wall: time.UnixMilli(e.Wall), Clock: e.Clock}
	switch b := e.Body.(type) {
	case *ledger.Sale:
		return s.ofSale(k, at, id, hash, b, f)
	case *ledger.Redeem:
		r := ledger.Redemption{Benefit: b.Benefit, Asset: b.Asset, Draws: b.Draws, Pool: b.Pool, Voucher: b.Voucher}
		return s.sealed(at, r, id)
	case *ledger.Play:
		return s.prize(at, id, []ledger.Stake{b.Stake})
	case *ledger.VoucherUse:
		return s.Handout(at, e.Lane, e.Actor, b), nil
	case *ledger.Return:
		if b.Sale != nil && (k == Receipt || k == Voucher) { // of what was bought in the same go
			return s.ofSale(k, at, id, hash, b.Sale, f)
		}
		return s.Return(at, id.Origin, b, f), nil
	case *ledger.ReturnClaim:
		return s.ReturnClaim(at, id.Origin, b), nil
	case *ledger.DayClose:
		code, err := s.sealedHead(at, b, f.Moved)
		return s.Day(at, b, e.Actor, code), err
	case *ledger.CheckIn:
		return s.given(k, at, id, b.Member, b.Issues)
	case *ledger.Answer:
		return s.given(k, at, id, b.Member, b.Issues)
	case *ledger.Grant:
		return s.given(k, at, id, b.Member, b.Issues)
	}
	return nil, fmt.Errorf("paper %d of %s: %w", k, id, ErrNoPaper)
}

// ofSale is the receipt of a sale, or the voucher of its lot n.
func (s Shop) ofSale(k Kind, at Moment, id lot.ID, hash ledger.Hash, b *ledger.Sale, f Facts) (*receipt.Document, error) {
	if n := int(id.N) - ledger.VoucherFrom; k == Voucher && n >= 0 && n < len(b.Redemptions) {
		return s.sealed(at, b.Redemptions[n], id)
	}
	if k == Voucher {
		return s.prize(at, id, b.Plays)
	}
	if k != Receipt {
		return nil, fmt.Errorf("paper %d of %s: %w", k, id, ErrNoPaper)
	}
	codes, err := s.certificates(at, id.Origin, hash, b)
	return s.Receipt(at, id.Origin, b, f, codes, hash.Code()), err
}

// given is the voucher of something that was given once, lot n of its entry, or the
// promise of what HQ is to grant.
func (s Shop) given(k Kind, at Moment, id lot.ID, who member.ID, issues []ledger.Issue) (*receipt.Document, error) {
	switch {
	case k == Claim:
		return s.Claim(at, id.Origin, who, issues), nil
	case k != Voucher || int(id.N) >= len(issues):
		return nil, fmt.Errorf("paper %d of %s: %w", k, id, ErrNoPaper)
	}
	i := issues[id.N]
	return s.sealed(at, ledger.Redemption{Benefit: cmp.Or(i.Asset.Benefit(), i.Asset.Coupon()), Voucher: i}, id)
}

// prize is the voucher that a play won: lot n of its entry.
func (s Shop) prize(at Moment, id lot.ID, plays []ledger.Stake) (*receipt.Document, error) {
	n := int(id.N) - ledger.PrizeFrom
	if n < 0 || n/ledger.PrizesMax >= len(plays) || n%ledger.PrizesMax >= len(plays[n/ledger.PrizesMax].Issues) {
		return nil, fmt.Errorf("prize %s: %w", id, ErrNoPaper)
	}
	i := plays[n/ledger.PrizesMax].Issues[n%ledger.PrizesMax]
	return s.sealed(at, ledger.Redemption{Benefit: cmp.Or(i.Asset.Benefit(), i.Asset.Coupon()), Voucher: i}, id)
}

// sealedHead is the code of a day's close, or "" where nothing was moved yet.
func (s Shop) sealedHead(at Moment, c *ledger.DayClose, moved ledger.Head) (string, error) {
	if moved.Seq == 0 {
		return "", nil
	}
	code, err := token.SealHead(token.Head{Terminal: s.Terminal, Head: moved, Day: c.Day, Minute: minute(at)}, s.Key)
	if err != nil {
		return "", fmt.Errorf("sign the head of %s's close: %w", c.Day, err)
	}
	return code, nil
}

// certificates are the signed codes of what a sale awarded (cap P2).
func (s Shop) certificates(at Moment, id lot.Origin, hash ledger.Hash, sale *ledger.Sale) ([]string, error) {
	if sale.Member == 0 || len(sale.Awards) == 0 {
		return nil, nil
	}
	c := token.Certificate{Entry: id, Member: sale.Member, Minute: minute(at)}
	copy(c.Hash[:], hash[:])
	for i := range sale.Lines {
		if l := &sale.Lines[i]; l.Eco {
			c.EcoFen += l.Net()
		}
	}
	for n, a := range sale.Awards {
		c.Awards = append(c.Awards, token.Awarded{N: uint32(n), Issue: a.Issue})
	}
	codes, err := token.SealCertificates(c, s.Key)
	if errors.Is(err, token.ErrTooLong) { // by names of hundreds of letters; the receipt says the rest
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("sign what %s awarded: %w", id, err)
	}
	return codes, nil
}

func minute(at Moment) uint32 { return uint32(max(at.Wall.Unix()/60, 0)) }

// sealed is a voucher with its signed code, which is the same each time.
func (s Shop) sealed(at Moment, r ledger.Redemption, id lot.ID) (*receipt.Document, error) {
	code, err := token.SealVoucher(token.Voucher{Lot: id, Benefit: r.Benefit, Expires: r.Voucher.Expires, Units: 1}, s.Key)
	if err != nil {
		return nil, fmt.Errorf("sign voucher: %w", err)
	}
	return s.Voucher(at, r, id, code), nil
}
