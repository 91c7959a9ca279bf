package cashier

import (
	"strconv"
	"strings"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/desk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/role"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// returnAlone is how much money a cashier gives back without a second person.
const returnAlone lot.Fen = role.ReturnAloneFen

// adjustAlone is how many points one person gives or takes by hand.
const adjustAlone lot.Amount = 1000

// command is one thing a cashier can do: the fields its body may have, who may
// do it, and what it asks of the till.
type command struct {
	fields []string
	act    role.Act
	which  func(call) (act role.Act, two bool) // in the place of act; two: a second person in any case
	kind   ledger.Kind                         // of the entry, for a right that is lent
	do     func(call) error
}

// call is a command that was sent.
type call struct {
	by     clerk.By
	till   Till
	f      map[string]string
	second string // who lent a right, or ""
}

// tenderKinds are the ways of paying, as fields of the pay command: amounts in
// yuan, absent for none.
var tenderKinds = []string{"cash", "card", "wallet"}

// commands lists what can be posted to a lane, by path. What moves goods,
// points or money carries the reference that the page showed.
func (s *Screen) commands() map[string]command {
	list := map[string]command{}
	for _, part := range []map[string]command{saleCommands, memberCommands, playCommands, backCommands, dayCommands} {
		for path, c := range part {
			list[path] = c
		}
	}
	return list
}

// simple is a command without fields.
func simple(act role.Act, do func(Till, clerk.By) error) command {
	return command{act: act, do: func(x call) error { return do(x.till, x.by) }}
}

var saleCommands = map[string]command{
	"scan": {fields: []string{"aim", "code"}, act: role.Sell, do: func(x call) error {
		return x.till.Scan(x.by, x.f["aim"], strings.TrimSpace(x.f["code"]))
	}},
	"qty": {fields: []string{"line", "qty"}, act: role.Sell, do: func(x call) error {
		line, qty, err := x.line()
		if err != nil {
			return err
		}
		return x.till.SetQty(x.by, line, qty)
	}},
	"deduct": {fields: []string{"amount", "points"}, act: role.Sell, do: func(x call) error {
		fen, err := x.deduction()
		if err != nil {
			return err
		}
		return x.till.Deduct(x.by, fen)
	}},
	"pool": {fields: []string{"on"}, act: role.Sell, do: func(x call) error { return x.till.UsePool(x.by, x.f["on"] == "true") }},
	"best": simple(role.Sell, Till.UseBest),
	"coupon": {fields: []string{"coupon"}, act: role.Sell, do: func(x call) error {
		id, err := lot.ParseID(x.f["coupon"])
		if err != nil {
			return wrong("no-coupon")
		}
		return x.till.UseCoupon(x.by, id)
	}},
	"clear": simple(role.Sell, Till.Clear),
	"park":  simple(role.Sell, Till.Park),
	"take-up": {fields: []string{"n"}, act: role.Sell, do: func(x call) error {
		n, err := strconv.ParseUint(x.f["n"], 10, 64)
		if err != nil {
			return wrong("not-parked")
		}
		return x.till.TakeUp(x.by, n)
	}},
	"pay": {fields: append([]string{"ref"}, tenderKinds...), act: role.Sell, do: func(x call) error {
		p := till.Payment{Ref: x.f["ref"]}
		var err error
		if p.Tenders, err = tenders(x.f); err != nil {
			return err
		}
		_, err = x.till.Pay(x.by, p)
		return err
	}},
	"reprint": {fields: []string{"job"}, act: role.Reprint, do: ofJob(Till.Reprint)},
	"settle":  {fields: []string{"job"}, act: role.Reprint, do: ofJob(Till.Settle)},
	"notice":  {fields: []string{"game"}, act: role.Reprint, do: func(x call) error { return x.till.Notice(x.by, x.f["game"]) }},
}

var memberCommands = map[string]command{
	"member/drop": simple(role.Sell, Till.DropMember),
	"redeem": {fields: []string{"ref", "benefit"}, act: role.Sell, do: func(x call) error {
		_, err := x.till.Redeem(x.by, x.f["ref"], x.f["benefit"])
		return err
	}},
	"redeem/along": {fields: []string{"benefit"}, act: role.Sell, do: func(x call) error { return x.till.RedeemAlong(x.by, x.f["benefit"]) }},
	"voucher/use": {fields: []string{"ref", "instead"}, act: role.Sell, do: func(x call) error {
		_, err := x.till.UseVoucherFor(x.by, x.f["ref"], x.f["instead"])
		return err
	}},
	"voucher/away": simple(role.Sell, Till.PutVoucherAway),
	"challenge":    simple(role.Sell, Till.Challenge),
	"join": {fields: []string{"ref", "phone", "card", "consent", "referrer", "name", "birthday", "about"}, act: role.Enrol, do: func(x call) error {
		_, err := x.till.Join(x.by, desk.Joining{
			Ref: x.f["ref"], Phone: strings.TrimSpace(x.f["phone"]), Card: strings.TrimSpace(x.f["card"]), Consent: x.f["consent"] == "yes",
			Referrer: strings.TrimSpace(x.f["referrer"]), Name: x.f["name"], Birthday: x.f["birthday"], Agreed: x.f["about"] == "yes",
		})
		return err
	}},
	"confide": {fields: []string{"ref", "purpose", "birthday", "agreed"}, act: role.Enrol, do: func(x call) error {
		_, err := x.till.Confide(x.by, desk.Confidence{Ref: x.f["ref"], Purpose: x.f["purpose"], Birthday: x.f["birthday"], Agreed: x.f["agreed"] == "yes"})
		return err
	}},
	"check-in": {fields: []string{"ref", "activity"}, act: role.Enrol, do: func(x call) error {
		_, err := x.till.Attend(x.by, x.f["ref"], x.f["activity"])
		return err
	}},
	"gift": {fields: []string{"ref", "reason"}, act: role.Enrol, do: func(x call) error {
		_, err := x.till.Hand(x.by, x.f["ref"], x.f["reason"])
		return err
	}},
	"answer": {fields: []string{"ref", "survey", "answers"}, act: role.Enrol, do: func(x call) error {
		var answers []int
		for _, word := range strings.Fields(strings.ReplaceAll(x.f["answers"], ",", " ")) {
			n, err := strconv.Atoi(word)
			if err != nil {
				return wrong("survey-incomplete")
			}
			answers = append(answers, n)
		}
		_, err := x.till.Answer(x.by, x.f["ref"], x.f["survey"], answers)
		return err
	}},
	"transfer": {fields: []string{"ref", "to", "points"}, act: role.Transfer, do: func(x call) error {
		n, err := pointsOf(x.f["points"])
		if err != nil {
			return err
		}
		_, err = x.till.Give(x.by, x.f["ref"], strings.TrimSpace(x.f["to"]), n)
		return err
	}},
	"adjust": {fields: []string{"ref", "asset", "points", "why"}, kind: ledger.KindGrant,
		which: func(x call) (role.Act, bool) {
			n, err := pointsOf(x.f["points"])
			return role.Adjust, err == nil && max(n, -n) > adjustAlone
		},
		do: func(x call) error {
			n, err := pointsOf(x.f["points"])
			if err != nil {
				return err
			}
			v, err := x.till.View(x.by.Lane)
			switch {
			case err != nil:
				return err
			case v.Member == nil:
				return &till.Refusal{Code: "no-member"}
			case !role.Reason(x.f["why"]):
				return wrong("reason-missing")
			}
			_, err = x.till.Adjust(x.by, till.Adjustment{
				Ref: x.f["ref"], Member: v.Member.ID, Asset: lot.Asset(x.f["asset"]), Amount: n, Reason: x.f["why"], Second: x.second,
			})
			return err
		}},
}

var dayCommands = map[string]command{
	"day/open": {fields: []string{"ref", "float"}, act: role.Day, kind: ledger.KindDayOpen, do: func(x call) error {
		fen, err := fenOf(x.f["float"])
		if err != nil {
			return err
		}
		_, err = x.till.OpenDay(x.by, x.f["ref"], fen)
		return err
	}},
	"day/close": {fields: []string{"ref", "counted"}, act: role.Day, kind: ledger.KindDayClose, do: func(x call) error {
		fen, err := fenOf(x.f["counted"])
		if err != nil {
			return err
		}
		_, err = x.till.CloseDay(x.by, x.f["ref"], fen)
		return err
	}},
}

// line reads a line of a list and how much of it.
func (x call) line() (line int, qty int64, err error) {
	if line, err = strconv.Atoi(x.f["line"]); err != nil {
		return 0, 0, wrong("bad-quantity")
	}
	if qty, err = strconv.ParseInt(x.f["qty"], 10, 64); err != nil {
		return 0, 0, wrong("bad-quantity")
	}
	return line, qty, nil
}

// ofJob reads the number of a print job.
func ofJob(do func(Till, clerk.By, uint64) error) func(call) error {
	return func(x call) error {
		job, err := strconv.ParseUint(x.f["job"], 10, 64)
		if err != nil {
			return wrong("no-job")
		}
		return do(x.till, x.by, job)
	}
}

// wrong is a field that cannot be read; the till has not been asked.
func wrong(code string) error { return &webui.Fault{Status: 400, Code: code} }

// deduction reads how much points are to pay: yuan, "max", "" for nothing, or
// a figure of points.
func (x call) deduction() (lot.Fen, error) {
	if x.f["points"] != "" {
		n, err := pointsOf(x.f["points"])
		if err != nil || n < 0 {
			return 0, wrong("bad-points")
		}
		p := x.till.Programme()
		fen, err := p.Worth(p.Deduction.Asset).Inverse().Floor(int64(n))
		if err != nil {
			return 0, wrong("bad-points")
		}
		return min(lot.Fen(fen), lot.FenMax), nil
	}
	switch text := x.f["amount"]; text {
	case "max":
		return pricing.DeductMax, nil
	case "":
		return 0, nil
	default:
		return fenOf(text)
	}
}

func tenders(f map[string]string) ([]ledger.Tender, error) {
	var list []ledger.Tender
	for _, kind := range tenderKinds {
		if f[kind] == "" {
			continue
		}
		fen, err := fenOf(f[kind])
		if err != nil {
			return nil, err
		}
		if fen > 0 {
			list = append(list, ledger.Tender{Kind: kind, Fen: fen})
		}
	}
	return list, nil
}

// fenOf reads yuan as a person types them: 12, 12.8, ￥12.80.
func fenOf(text string) (lot.Fen, error) {
	text = strings.TrimLeft(strings.TrimSpace(text), "￥¥")
	yuan, cents, _ := strings.Cut(text, ".")
	if len(cents) > 2 || !digits(yuan) || cents != "" && !digits(cents) {
		return 0, wrong("bad-amount")
	}
	fen, err := strconv.ParseInt(yuan+(cents + "00")[:2], 10, 64)
	if err != nil || fen > int64(lot.FenMax) {
		return 0, wrong("bad-amount")
	}
	return lot.Fen(fen), nil
}

// pointsOf reads whole points, below zero too.
func pointsOf(text string) (lot.Amount, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n > int64(lot.AmountMax) || n < -int64(lot.AmountMax) {
		return 0, wrong("bad-points")
	}
	return lot.Amount(n), nil
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
