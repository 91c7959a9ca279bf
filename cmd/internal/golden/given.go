package golden

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/gift"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/quota"
	"github.com/jifen-pos/jifen/terminal/tier"
)

// facts are what a scenario gives.
type facts struct {
	pricing.Request
	wall     time.Time
	back     []int64      // of each line, that is returned
	ticket   []uint64     // numbers that are played
	gone     []string     // prizes whose budget is used up
	seen     []string     // sales before, for tasks and tiers
	months   []fold.Month // for tiers
	standing tier.Standing
	seed     string
	reasons  []string
	due      []string     // what HQ says is due
	choice   []string     // voucher of a benefit, and what is chosen for it
	give     lot.Amount   // to another of the family
	sharers  []lot.Sharer // of the household
	stock    []lot.Holding
	quota    []lot.Holding
	redeem   string
	green    []fold.Month
	rank     tier.Standing
}

var errGiven = errors.New("not understood")

// read takes the lines of what is given: a word and what belongs to it.
func (s *Scenario) read(text string) (*facts, error) {
	f := &facts{seed: "a seed of thirty-two bytes, fixed"}
	f.Programme, f.Store, f.Counted = s.rules, "s1", map[string]lot.Amount{}
	f.Today.Trusted = true
	f.setTime(time.Date(2027, 3, 10, 15, 0, 0, 0, s.rules.Location()))
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if err := s.take(f, words[0], words[1:]); err != nil {
			return nil, fmt.Errorf("given, line %d: %q: %w", n+1, strings.TrimSpace(line), err)
		}
	}
	f.back = append(f.back, make([]int64, max(len(f.Lines)-len(f.back), 0))...)
	return f, nil
}

func (f *facts) setTime(at time.Time) {
	f.wall, f.At, f.Today.Day = at, f.Programme.Moment(at), f.Programme.Day(at)
}

func (s *Scenario) take(f *facts, word string, args []string) error {
	arg := strings.Join(args, " ")
	switch word {
	case "time":
		at, err := time.ParseInLocation("2006-01-02 15:04", arg, s.rules.Location())
		f.setTime(at)
		return err
	case "clock":
		f.Today.Trusted = arg == "trusted"
	case "store":
		f.Store = arg
	case "tender":
		f.Tender = arg
	case "tier":
		f.Tier = arg
	case "member":
		return f.member(args)
	case "holds":
		return f.holds(args)
	case "coupon":
		return f.coupon(arg)
	case "deduct":
		return f.deduct(arg)
	case "counted":
		n, err := strconv.ParseInt(args[1], 10, 64)
		f.Counted[args[0]] = lot.Amount(n)
		return err
	case "buy":
		return s.buy(f, args)
	case "return":
		return f.returns(args)
	case "ticket":
		n, err := strconv.ParseUint(arg, 10, 64)
		f.ticket = append(f.ticket, n)
		return err
	case "used-up":
		f.gone = append(f.gone, arg)
	case "reason":
		f.reasons = append(f.reasons, arg)
	case "month":
		return f.month(args)
	case "standing":
		f.standing.Tier = args[0]
		until, err := time.Parse(time.DateOnly, args[2])
		f.standing.Until = lot.DayOf(until)
		if len(args) == 5 && err == nil {
			var told time.Time
			told, err = time.Parse(time.DateOnly, args[4])
			f.standing.Told = lot.DayOf(told)
		}
		return err
	case "before":
		f.seen = append(f.seen, arg)
	default:
		return f.more(word, args)
	}
	return nil
}

// more are the words about a member beside a sale.
func (f *facts) more(word string, args []string) error {
	arg := strings.Join(args, " ")
	switch word {
	case "grade":
		f.Grade = arg
	case "due":
		f.due = args
		f.Birthday = slices.Contains(args, gift.Birthday)
	case "voucher":
		f.choice = args
	case "give":
		n, err := strconv.ParseInt(arg, 10, 64)
		f.give = lot.Amount(n)
		return err
	case "shares":
		return f.shares(args)
	case "stock", "quota":
		return f.limited(word, args)
	case "redeem":
		f.redeem = arg
	case "green":
		return f.greenMonth(args)
	default:
		return errGiven
	}
	return nil
}

// member M1001 card: who buys, and how they were identified.
func (f *facts) member(args []string) error {
	id, err := member.ParseID(args[0])
	f.Member, f.Proof = id, member.ByCard
	if len(args) > 1 && args[1] == "phone" {
		f.Proof = member.ByPhone
	}
	return err
}

// holds 500 points:consumption until 2027-12-31: a lot that lies here.
func (f *facts) holds(args []string) error {
	n, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return err
	}
	l := lot.Lot{
		ID: lot.ID{Origin: lot.Origin{Terminal: 1, Seq: uint64(len(f.Holdings)) + 1}}, Owner: f.Member, Asset: lot.Asset(args[1]), Amount: lot.Amount(n),
		Funder: "m1", UnitCost: 1000,
	}
	if len(args) == 4 && args[2] == "until" {
		at, err := time.Parse(time.DateOnly, args[3])
		if err != nil {
			return err
		}
		l.Expires = lot.DayOf(at)
	}
	f.Holdings = append(f.Holdings, lot.Holding{Lot: l, Amount: l.Amount})
	return nil
}

func (f *facts) coupon(id string) error {
	for _, h := range f.Holdings {
		if h.Lot.Asset == lot.CouponAsset(id) {
			f.Coupons = append(f.Coupons, pricing.CouponUse{Lot: h.Lot.ID, Asset: h.Lot.Asset})
			return nil
		}
	}
	f.Coupons = append(f.Coupons, pricing.CouponUse{Asset: lot.CouponAsset(id)})
	return nil
}

func (f *facts) deduct(arg string) error {
	if arg == "all" {
		f.DeductFen = pricing.DeductMax
		return nil
	}
	fen, err := yuan(arg)
	f.DeductFen = fen
	return err
}

// yuan reads 12.80 as 1280 fen.
func yuan(text string) (lot.Fen, error) {
	whole, part, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	return lot.Fen(n), err
}

// buy 3 6901234567892: pieces of goods in the list.
func (s *Scenario) buy(f *facts, args []string) error {
	n, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return err
	}
	p, ok := s.goods.Find("0" + args[1])
	if !ok {
		return fmt.Errorf("%s is not in the list of goods: %w", args[1], errGiven)
	}
	f.Lines = append(f.Lines, pricing.Line{Product: p, Qty: n})
	return nil
}

// return 2 of line 1: what comes back later.
func (f *facts) returns(args []string) error {
	n, err := strconv.ParseInt(args[0], 10, 64)
	line, err2 := strconv.Atoi(args[len(args)-1])
	if err = errors.Join(err, err2); err != nil || line < 1 || line > len(f.Lines) {
		return errors.Join(err, errGiven)
	}
	f.back = append(f.back, make([]int64, max(line-len(f.back), 0))...)
	f.back[line-1] += n
	return nil
}

// month 2026-12 1500.00: what the member paid in a month.
func (f *facts) month(args []string) error {
	at, err := time.Parse("2006-01", args[0])
	fen, err2 := yuan(args[1])
	f.months = append(f.months, fold.Month{End: lot.DayOf(at).MonthEnd(), Spent: fen})
	return errors.Join(err, err2)
}

// shares M1002 300 of 500 until 2027-12-31: one of the household lets the others
// spend 300 in the month, and has 500.
func (f *facts) shares(args []string) error {
	id, err := member.ParseID(args[0])
	allowed, err2 := strconv.ParseInt(args[1], 10, 64)
	has, err3 := strconv.ParseInt(args[3], 10, 64)
	at, err4 := time.Parse(time.DateOnly, args[len(args)-1])
	n := uint64(len(f.sharers))
	l := lot.Lot{
		ID: lot.ID{Origin: lot.Origin{Terminal: 1, Seq: 101 + n}}, Owner: id, Asset: f.Programme.Deduction.Asset, Amount: lot.Amount(has), Expires: lot.DayOf(at), Funder: "m2", UnitCost: 1000,
	}
	q := lot.Lot{ID: lot.ID{Origin: lot.Origin{Terminal: 1, Seq: 201 + n}}, Owner: id, Asset: quota.Pool(f.Today.Day).Asset, Amount: lot.Amount(allowed)}
	f.sharers = append(f.sharers, lot.Sharer{Member: id, Holdings: []lot.Holding{{Lot: l, Amount: l.Amount}}, Allowance: []lot.Holding{{Lot: q, Amount: q.Amount}}})
	f.Holdings = lot.Pooled(f.Holdings, f.sharers, f.Programme.Deduction.Asset, f.Today)
	return errors.Join(err, err2, err3, err4)
}

// stock gift-pack 2, quota gift-pack 1: what this terminal holds of a limited
// benefit, and how often the member may still have it this month.
func (f *facts) limited(word string, args []string) error {
	n, err := strconv.ParseInt(args[1], 10, 64)
	l := lot.Lot{ID: lot.ID{Origin: lot.Origin{Terminal: 1, Seq: 301}}, Asset: lot.StockAsset(args[0]), Amount: lot.Amount(n)}
	if word == "quota" {
		l.ID.Origin.Seq, l.Asset = 302, quota.Benefit(args[0], f.Today.Day).Asset
		f.quota = append(f.quota, lot.Holding{Lot: l, Amount: l.Amount})
		return err
	}
	f.stock = append(f.stock, lot.Holding{Lot: l, Amount: l.Amount})
	return err
}

// green 2027-01 240: green points that were earned in a month.
func (f *facts) greenMonth(args []string) error {
	at, err := time.Parse("2006-01", args[0])
	n, err2 := strconv.ParseInt(args[1], 10, 64)
	f.green = append(f.green, fold.Month{End: lot.DayOf(at).MonthEnd(), Points: lot.Amount(n)})
	return errors.Join(err, err2)
}
