package audit

import (
	"fmt"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// says is what an entry says of the member beside what it moved.
func (h *historian) says(e fold.Effects) (list []Say) {
	switch b := e.Entry.Body.(type) {
	case *ledger.Sale:
		list = h.proved(b.Member, b.Proof, b.Deduction != nil)
	case *ledger.Redeem:
		list = h.proved(b.Member, b.Proof, true)
	case *ledger.Transfer:
		list = h.proved(b.From, b.Proof, true)
	case *ledger.Return:
		list = h.dues(b)
	case *ledger.Grant:
		list = h.given(b.Member, b.Reason, b.Second)
	case *ledger.WriteOff:
		list = h.given(b.Member, b.Reason, b.Second)
	case *ledger.CheckIn:
		list = h.of(b.Member, "history-activity", b.Activity)
	case *ledger.Answer:
		list = h.of(b.Member, "history-survey", b.Survey)
	case *ledger.Consent:
		code := "history-consent"
		if b.Withdrawn {
			code = "history-consent-withdrawn"
		}
		list = h.of(b.Member, code, b.Purpose)
	case *ledger.Enrol:
		list = h.of(b.Member, "history-enrolled")
	}
	if e.Claims && len(list) > 0 {
		list = append(list, Say{Code: "history-claimed"})
	}
	return list
}

var proofWords = map[member.Proof]string{
	member.Unproved: "proof-none", member.ByPhone: "proof-phone", member.ByCard: "proof-card", member.ByPass: "proof-pass",
}

// proved tells how the member was identified when points were used.
func (h *historian) proved(who member.ID, proof member.Proof, used bool) []Say {
	if !used || !h.who[who] {
		return nil
	}
	return []Say{{Code: proofWords[proof]}}
}

// dues tells what a return could not take back at once.
func (h *historian) dues(b *ledger.Return) []Say {
	var due lot.Amount
	for _, d := range b.Due {
		due += d.Amount
	}
	if due == 0 || !h.who[b.Member] {
		return nil
	}
	return []Say{{"history-due", []string{fmt.Sprint(due)}}}
}

func (h *historian) given(who member.ID, reason, second string) []Say {
	if !h.who[who] {
		return nil
	}
	list := []Say{{"history-reason", []string{reason}}}
	if second != "" {
		list = append(list, Say{"history-second", []string{second}})
	}
	return list
}

func (h *historian) of(who member.ID, code string, args ...string) []Say {
	if !h.who[who] {
		return nil
	}
	return []Say{{code, args}}
}

func ruling(b *ledger.Ruling) (list []Say) {
	if b.Tier != "" {
		list = append(list, Say{"history-tier", []string{b.Tier}})
	}
	if b.Blocked {
		list = append(list, Say{Code: "history-blocked"})
	}
	for _, o := range b.Owed {
		list = append(list, Say{"history-owed", []string{string(o.Asset), fmt.Sprint(o.Owed), fmt.Sprint(o.Due)}})
	}
	if len(list) == 0 {
		list = []Say{{Code: "history-ruling"}}
	}
	return list
}

// settled tells what HQ decided of a claim that the member's own entries made.
func (h *historian) settled(b *ledger.Settled) []Say {
	claimed := b.Of.String()
	for _, e := range h.events {
		if e.Entry != claimed {
			continue
		}
		if b.Granted {
			return []Say{{"history-granted", []string{claimed}}}
		}
		return []Say{{"history-refused", []string{claimed, b.Reason}}}
	}
	return nil
}
