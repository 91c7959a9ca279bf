package slip

import (
	"fmt"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// number names a receipt for people: the terminal, four digits of its life, and
// a number that counts up in it. Numbers start again in another life, so that
// a restored disk cannot print one twice.
func number(id lot.Origin, sale *ledger.Sale) string {
	return fmt.Sprintf("t%d-%04X-%06d", id.Terminal, id.Incarnation>>48, sale.Receipt)
}

// Claim is what a member takes home who was promised something that HQ grants:
// what, and that it comes when HQ has been reached.
func (s Shop) Claim(at Moment, id lot.Origin, who member.ID, issues []ledger.Issue) *receipt.Document {
	d := s.paper(at, s.say("paper-claim"))
	d.Text(s.say("paper-member", s.memberName(who)))
	for _, i := range issues {
		name := s.Programme.PointsName(i.Asset).In(s.Lang)
		if b, ok := s.Programme.Benefit(i.Asset.Benefit()); ok {
			name = b.Name.In(s.Lang)
		} else if c, ok := s.Programme.Coupon(i.Asset.Coupon()); ok {
			name = c.Name.In(s.Lang)
		}
		pair(d, name, fmt.Sprint(i.Amount))
	}
	d.Text(s.say("paper-claim-later"))
	d.Text(s.say("paper-trace", id))
	d.Cut()
	return d
}

// ReturnClaim is what somebody takes home who returned goods of another till's
// sale: the money, and that HQ settles the points.
func (s Shop) ReturnClaim(at Moment, id lot.Origin, r *ledger.ReturnClaim) *receipt.Document {
	d := s.paper(at, s.say("paper-return"))
	d.Text(s.say("paper-of", r.Of))
	d.Rule()
	pair(d, s.say("paper-refund"), "￥"+r.Refund.String(), receipt.Bold)
	d.Text(s.say("paper-points-later"))
	d.Text(s.say("paper-trace", id))
	d.Cut()
	return d
}
