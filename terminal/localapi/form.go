package localapi

import (
	"cmp"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Text is a name in both languages.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

func text(t programme.Text) Text { return Text{t.In("zh"), t.In("en")} }

// Order is a basket as the caller has it.
type Order struct {
	Lines     []OrderLine `json:"lines" maxItems:"200"`
	Member    string      `json:"member,omitempty" maxLength:"512" doc:"what was scanned or typed: a member card, a pass, or a phone number, which earns and never spends"`
	DeductFen int64       `json:"deduct_fen,omitempty" minimum:"0" maximum:"100000000" doc:"how much of the bill points are to pay, in fen, at most"`
	DeductMax bool        `json:"deduct_max,omitempty" doc:"points are to pay as much as they can"`
	Coupons   []string    `json:"coupons,omitempty" maxItems:"16" doc:"lots of the member's coupons"`
	Pool      bool        `json:"pool,omitempty" doc:"the household's points pay too, after the member's own: each as far as they allow"`
}

// OrderLine is goods of one kind.
type OrderLine struct {
	Code     string `json:"code" minLength:"1" maxLength:"512" doc:"the bar code as scanned" example:"6901234567892"`
	Quantity int64  `json:"quantity" minimum:"1" maximum:"9999"`
}

func (o Order) read() (till.Order, error) {
	out := till.Order{Member: o.Member, Deduct: lot.Fen(o.DeductFen), Pool: o.Pool}
	if o.DeductMax {
		out.Deduct = pricing.DeductMax
	}
	for _, l := range o.Lines {
		out.Lines = append(out.Lines, till.OrderLine{Code: l.Code, Qty: l.Quantity})
	}
	for _, c := range o.Coupons {
		id, err := lot.ParseID(c)
		if err != nil {
			return out, &till.Refusal{Code: "coupon-not-here", Args: []programme.Text{{ZH: c, EN: c}}}
		}
		out.Coupons = append(out.Coupons, id)
	}
	return out, nil
}

// Points is a sum of points of one kind.
type Points struct {
	Asset  string `json:"asset" example:"points:green"`
	Points int64  `json:"points"`
}

// Quote is what an order comes to.
type Quote struct {
	Lines        []QuoteLine `json:"lines"`
	TotalFen     int64       `json:"total_fen" doc:"at list prices"`
	CouponsFen   int64       `json:"coupons_fen" doc:"taken off by coupons"`
	Deduction    Deduction   `json:"deduction" doc:"what the wish comes to"`
	MaxDeduction Deduction   `json:"max_deduction" doc:"the most that points can pay of this bill"`
	Limit        string      `json:"limit" doc:"what keeps it from being more" example:"points"`
	RoundingFen  int64       `json:"rounding_fen" doc:"small change left out"`
	ToPayFen     int64       `json:"to_pay_fen"`
	Earns        []Points    `json:"earns" doc:"what a member gets for it, whether there is one or not"`
	Member       *Member     `json:"member,omitempty"`
	Benefits     []Benefit   `json:"benefits" doc:"the catalogue, with what is missing of each"`
}

// QuoteLine is what one line comes to.
type QuoteLine struct {
	GTIN        string `json:"gtin"`
	Name        Text   `json:"name"`
	Eco         bool   `json:"eco" doc:"marked as friendly to the environment"`
	Quantity    int64  `json:"quantity"`
	UnitFen     int64  `json:"unit_fen"`
	Fen         int64  `json:"fen"`
	DeductedFen int64  `json:"deducted_fen" doc:"its share of what points pay"`
}

// Deduction is money that points pay.
type Deduction struct {
	Asset  string `json:"asset,omitempty"`
	Fen    int64  `json:"fen"`
	Points int64  `json:"points"`
}

// Benefit is one thing that points are redeemed for.
type Benefit struct {
	ID      string `json:"id"`
	Name    Text   `json:"name"`
	Points  int64  `json:"points" doc:"what it costs"`
	Missing int64  `json:"missing" doc:"0 when the points held here pay for it"`
}

// Member is a member as a till may show them: masked.
type Member struct {
	ID       string    `json:"id" example:"M1009"`
	Name     string    `json:"name"`
	Card     string    `json:"card,omitempty"`
	Phone    string    `json:"phone,omitempty"`
	MaySpend bool      `json:"may_spend" doc:"a phone number alone earns and never spends"`
	Tier     string    `json:"tier,omitempty"`
	Grade    string    `json:"grade,omitempty" doc:"the green one"`
	Gifts    []Gift    `json:"gifts,omitempty" doc:"what is due to the member, each to be handed over once"`
	Schemes  []Scheme  `json:"schemes,omitempty" doc:"one-to-one schemes of which the member is"`
	Blocked  bool      `json:"blocked"`
	Asking   bool      `json:"asking" doc:"HQ has been asked and may still have more: look again until as_of is another one"`
	AsOf     string    `json:"as_of,omitempty" format:"date-time" doc:"when HQ last said something of the member: as long as this stays and asking is true, it has not answered"`
	Balances []Balance `json:"balances"`
	Expiring int64     `json:"expiring" doc:"points that expire next"`
	Expires  string    `json:"expires,omitempty" format:"date"`
	Vouchers []Voucher `json:"vouchers"`
	Pool     []Sharer  `json:"pool,omitempty" doc:"others of the household who share points with the member"`
}

// Gift is something that is due to a member.
type Gift struct {
	Reason string `json:"reason" example:"birthday"`
	Name   Text   `json:"name"`
}

// Scheme is a one-to-one scheme and who advises its members.
type Scheme struct {
	Name    Text `json:"name"`
	Adviser Text `json:"adviser"`
}

// Sharer is somebody of a member's household who lets their points pay for it.
type Sharer struct {
	ID     string `json:"id" example:"M1002"`
	Name   string `json:"name"`
	Here   int64  `json:"here" doc:"what an order with the pool may take of theirs now: what they allow, and what is here"`
	Asking bool   `json:"asking" doc:"HQ has been asked and may still have more: ask again"`
}

// Balance is one kind of a member's points.
type Balance struct {
	Asset     string `json:"asset"`
	Name      Text   `json:"name"`
	Here      int64  `json:"here" doc:"usable now, with a line to HQ or without"`
	WorthFen  int64  `json:"worth_fen" doc:"what Here deducts"`
	Checking  int64  `json:"checking" doc:"here, but being checked after a cold start"`
	HQ        int64  `json:"hq" doc:"free at HQ, as of as_of"`
	Elsewhere int64  `json:"elsewhere" doc:"at other terminals, as of as_of"`
}

// Voucher is a voucher held here.
type Voucher struct {
	Lot     string `json:"lot"`
	Code    string `json:"code" doc:"short, for a person to read"`
	Benefit Text   `json:"benefit"`
	Expires string `json:"expires,omitempty" format:"date"`
}

// quoteOf is a till's view as the caller gets it.
func quoteOf(v till.View) Quote {
	q := v.Quote
	out := Quote{
		Lines: []QuoteLine{}, TotalFen: int64(q.Total), CouponsFen: int64(q.Off), Deduction: deduction(q.Deduction),
		MaxDeduction: Deduction{Asset: string(q.Deduction.Asset), Fen: int64(q.MaxDeduction.Fen), Points: int64(q.MaxDeduction.Points)},
		Limit:        string(q.MaxDeduction.Limit), RoundingFen: int64(q.Rounding), ToPayFen: int64(q.ToPay), Earns: []Points{}, Benefits: []Benefit{},
	}
	for _, l := range v.Lines {
		out.Lines = append(out.Lines, QuoteLine{
			GTIN: l.GTIN, Name: text(l.Name), Eco: l.Eco, Quantity: l.Qty, UnitFen: int64(l.Unit), Fen: int64(l.Fen), DeductedFen: int64(l.Deducted),
		})
	}
	for _, e := range q.WouldEarn {
		out.Earns = append(out.Earns, Points{string(e.Asset), int64(e.Amount)})
	}
	for _, b := range v.Benefits {
		out.Benefits = append(out.Benefits, Benefit{b.ID, text(b.Name), int64(b.Cost), int64(b.Missing)})
	}
	if v.Member != nil {
		m := memberOf(v.Member, v.Now.Location())
		out.Member = &m
	}
	return out
}

func deduction(d pricing.Deduction) Deduction {
	return Deduction{string(d.Asset), int64(d.Fen), int64(d.Points)}
}

func memberOf(m *till.MemberView, zone *time.Location) Member {
	out := Member{
		ID: m.ID.String(), Name: m.Name, Card: m.Card, Phone: m.Phone, MaySpend: m.Proof.MaySpend() && !m.Blocked, Tier: m.Tier, Grade: m.Grade,
		Blocked: m.Blocked, Asking: m.Asking, Balances: []Balance{}, Vouchers: []Voucher{}, Expiring: int64(m.Next), Expires: date(m.NextDay),
	}
	if !m.AsOf.IsZero() {
		out.AsOf = m.AsOf.In(zone).Format(timeForm)
	}
	for _, p := range m.Points {
		out.Balances = append(out.Balances, Balance{
			Asset: string(p.Asset), Name: text(p.Name), Here: int64(p.Here), WorthFen: int64(p.Worth), Checking: int64(p.Frozen),
			HQ: int64(p.HQ), Elsewhere: int64(p.Elsewhere),
		})
	}
	if m.Pool != nil {
		for _, s := range m.Pool.Sharers {
			out.Pool = append(out.Pool, Sharer{s.ID.String(), s.Name, int64(s.Here), s.Asking})
		}
	}
	for _, g := range m.Gifts {
		out.Gifts = append(out.Gifts, Gift{g.Reason, text(g.Name)})
	}
	for _, s := range m.Schemes {
		out.Schemes = append(out.Schemes, Scheme{text(s.Name), text(s.Adviser)})
	}
	for _, v := range m.Vouchers {
		out.Vouchers = append(out.Vouchers, Voucher{v.Lot.String(), v.Code, text(v.Benefit), date(v.Expires)})
	}
	return out
}

// date is a day as JSON has it, "" for none.
func date(d lot.Day) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// timeForm is RFC 3339 with the programme's own offset.
const timeForm = "2006-01-02T15:04:05Z07:00"

// Outcome is what was written down for an action.
type Outcome struct {
	Ref       string   `json:"ref"`
	Kind      string   `json:"kind" doc:"such as sale, redeem, return" example:"sale"`
	Entry     string   `json:"entry" doc:"the entry of the journal, as printed on the receipt"`
	Time      string   `json:"time" format:"date-time"`
	Again     bool     `json:"again" doc:"the reference had been answered before: nothing new was written"`
	Receipt   uint64   `json:"receipt,omitempty" doc:"number of the receipt"`
	PaidFen   int64    `json:"paid_fen,omitempty" doc:"what the customer pays; below zero it went back to them"`
	BackFen   int64    `json:"back_fen,omitempty" doc:"of an exchange: what the goods that came back were paid with; the rest of the new goods' price is paid_fen"`
	ChangeFen int64    `json:"change_fen,omitempty"`
	Deducted  *Points  `json:"deducted,omitempty" doc:"points that paid, the household's too"`
	Pool      []Shared `json:"pool,omitempty" doc:"what of them was the household's, and whose"`
	Earned    []Points `json:"earned,omitempty"`
	Vouchers  []Issued `json:"vouchers,omitempty" doc:"that were made"`
	Returned  int64    `json:"returned,omitempty" doc:"points given back by a return"`
	Taken     int64    `json:"taken,omitempty" doc:"points taken back by a return"`
	Due       int64    `json:"due,omitempty" doc:"points that were not here to be taken back: HQ settles them"`
	Member    string   `json:"member,omitempty" doc:"who was enrolled; HQ may name them otherwise later"`
	Moved     *Points  `json:"moved,omitempty" doc:"points that went to another member"`
	Claimed   bool     `json:"claimed,omitempty" doc:"it cannot be settled here: HQ gives or takes the points"`
	Plays     []Played `json:"plays,omitempty" doc:"what was played, and what each play gave"`
	PlaysBack []int    `json:"plays_back,omitempty" doc:"plays of the sale, from 0, that a return undoes: what they gave is taken back, or due"`
}

// Issued is a voucher or a coupon that was made.
type Issued struct {
	Lot     string `json:"lot"`
	Benefit string `json:"benefit" doc:"what it promises: a benefit's id, or a coupon's" example:"tea-set"`
	Code    string `json:"code" doc:"short, for a person to read"`
	QR      string `json:"qr" doc:"the text of its QR code, for a printer or an app of the caller's own: it is the voucher" example:"JF1.V.…"`
	Expires string `json:"expires,omitempty" format:"date"`
}

func (a *API) issued(id lot.ID, i ledger.Issue) Issued {
	v := token.Voucher{Lot: id, Benefit: cmp.Or(i.Asset.Benefit(), i.Asset.Coupon()), Expires: i.Expires, Units: 1}
	qr, err := a.o.Till.SealVoucher(v)
	if err != nil { // it is made: a code less is no reason to say otherwise
		a.o.Log.Error("local API: no code for a voucher", "lot", id.String(), "error", err)
	}
	return Issued{Lot: id.String(), Benefit: v.Benefit, Code: token.ShortCode(id), QR: qr, Expires: date(v.Expires)}
}

// Shared is what one of a household paid for another.
type Shared struct {
	Member string `json:"member" example:"M1002"`
	Points int64  `json:"points"`
}

func (o *Outcome) pool(parts []ledger.PoolPart) {
	for _, p := range parts {
		o.Pool = append(o.Pool, Shared{p.Owner.String(), int64(lot.Sum(p.Draws))})
	}
}

func (a *API) outcome(ref string, d clerk.Done) Outcome {
	out := Outcome{
		Ref: ref, Kind: strings.TrimPrefix(d.Entry.Body.Kind().Word(), "kind-"), Entry: d.Origin.String(), Time: time.UnixMilli(d.Entry.Wall).In(a.o.Zone).Format(timeForm), Again: d.Again,
	}
	switch b := d.Entry.Body.(type) {
	case *ledger.Sale:
		a.sale(&out, d.Origin, b)
	case *ledger.Return:
		facts, err := a.o.Desk.ReturnFacts(b)
		if err != nil {
			a.o.Log.Error("local API: what a return gave back is not known", "entry", out.Entry, "error", err)
		}
		out.back(b, facts)
		if b.Sale != nil {
			a.sale(&out, d.Origin, b.Sale)
			out.PaidFen, out.BackFen = int64(b.Sale.Net()-b.Refund), int64(b.Refund)
		}
	case *ledger.Redeem:
		out.Vouchers = []Issued{a.issued(lot.ID{Origin: d.Origin}, b.Voucher)}
		out.pool(b.Pool)
	case *ledger.Play:
		a.plays(&out, d.Origin, []ledger.Stake{b.Stake})
	case *ledger.ReturnClaim:
		out.PaidFen, out.Claimed = -int64(b.Refund), true
	case *ledger.Enrol:
		out.Member = b.Member.String()
	case *ledger.Transfer:
		out.Moved = &Points{string(b.Asset), int64(lot.Sum(b.Draws))}
	case *ledger.CheckIn:
		a.once(&out, d.Origin, b.Once, b.Issues)
	case *ledger.Answer:
		a.once(&out, d.Origin, b.Once, b.Issues)
	case *ledger.Grant:
		a.once(&out, d.Origin, b.Once, b.Issues)
	}
	return out
}

// once is what was given once, or claimed: of that HQ makes what it grants.
func (a *API) once(o *Outcome, origin lot.Origin, once ledger.Once, issues []ledger.Issue) {
	o.Claimed = once.Claim
	for n, i := range issues {
		if !once.Claim && (i.Asset.Benefit() != "" || i.Asset.Coupon() != "") {
			o.Vouchers = append(o.Vouchers, a.issued(lot.ID{Origin: origin, N: uint32(n)}, i))
			continue
		}
		o.Earned = append(o.Earned, Points{string(i.Asset), int64(i.Amount)})
	}
}

func (a *API) sale(o *Outcome, origin lot.Origin, s *ledger.Sale) {
	o.Receipt, o.PaidFen, o.ChangeFen = s.Receipt, int64(s.Net()), int64(s.Change)
	if s.Deduction != nil {
		o.Deducted = &Points{string(s.Deduction.Asset), int64(s.Deduction.Points())}
		o.pool(s.Deduction.Pool)
	}
	for _, w := range s.Awards {
		o.Earned = append(o.Earned, Points{string(w.Asset), int64(w.Amount)})
	}
	for n := range s.Redemptions {
		o.Vouchers = append(o.Vouchers, a.issued(lot.ID{Origin: origin, N: uint32(ledger.VoucherFrom + n)}, s.Redemptions[n].Voucher))
		o.pool(s.Redemptions[n].Pool)
	}
	a.plays(o, origin, s.Plays)
}
