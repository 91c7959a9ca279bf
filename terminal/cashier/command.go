package cashier

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// command is one thing a cashier can do: the fields its body may have, and
// what it asks of the till.
type command struct {
	fields []string
	do     func(clerk.By, map[string]string) error
}

// tenderKinds are the ways of paying, as fields of the pay command: amounts in
// yuan, absent for none.
var tenderKinds = []string{"cash", "card", "wallet"}

// commands lists what can be posted to a lane, by path. What moves goods,
// points or money carries the reference that the page showed.
func (s *Screen) commands() map[string]command {
	t := s.o.Till
	return map[string]command{
		"scan": {[]string{"aim", "code"}, func(by clerk.By, f map[string]string) error {
			return t.Scan(by, f["aim"], strings.TrimSpace(f["code"]))
		}},
		"qty": {[]string{"line", "qty"}, func(by clerk.By, f map[string]string) error {
			line, err := strconv.Atoi(f["line"])
			if err != nil {
				return wrong("bad-quantity")
			}
			qty, err := strconv.ParseInt(f["qty"], 10, 64)
			if err != nil {
				return wrong("bad-quantity")
			}
			return t.SetQty(by, line, qty)
		}},
		"deduct": {[]string{"amount"}, func(by clerk.By, f map[string]string) error {
			fen, err := deduction(f["amount"])
			if err != nil {
				return err
			}
			return t.Deduct(by, fen)
		}},
		"member/drop":  {nil, func(by clerk.By, _ map[string]string) error { return t.DropMember(by) }},
		"clear":        {nil, func(by clerk.By, _ map[string]string) error { return t.Clear(by) }},
		"voucher/away": {nil, func(by clerk.By, _ map[string]string) error { return t.PutVoucherAway(by) }},
		"pay": {append([]string{"ref"}, tenderKinds...), func(by clerk.By, f map[string]string) error {
			p := till.Payment{Ref: f["ref"]}
			var err error
			if p.Tenders, err = tenders(f); err != nil {
				return err
			}
			_, err = t.Pay(by, p)
			return err
		}},
		"redeem": {[]string{"ref", "benefit"}, func(by clerk.By, f map[string]string) error {
			_, err := t.Redeem(by, f["ref"], f["benefit"])
			return err
		}},
		"voucher/use": {[]string{"ref"}, func(by clerk.By, f map[string]string) error {
			_, err := t.UseVoucher(by, f["ref"])
			return err
		}},
		"reprint": {[]string{"job"}, ofJob(t.Reprint)},
		"settle":  {[]string{"job"}, ofJob(t.Settle)},
	}
}

// ofJob reads the number of a print job.
func ofJob(do func(clerk.By, uint64) error) func(clerk.By, map[string]string) error {
	return func(by clerk.By, f map[string]string) error {
		job, err := strconv.ParseUint(f["job"], 10, 64)
		if err != nil {
			return wrong("no-job")
		}
		return do(by, job)
	}
}

// wrong is a field that cannot be read; the till has not been asked.
func wrong(code string) error { return &webui.Fault{Status: http.StatusBadRequest, Code: code} }

// deduction reads how much points are to pay: yuan, "max", or "" for nothing.
func deduction(text string) (lot.Fen, error) {
	switch text {
	case "max":
		return pricing.DeductMax, nil
	case "":
		return 0, nil
	}
	return fenOf(text)
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

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
