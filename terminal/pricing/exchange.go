package pricing

import "github.com/jifen-pos/jifen/terminal/lot"

// Settlement is what changes hands when goods come back and others are bought
// in the same go: one of the two is nothing.
type Settlement struct {
	Pay, Back lot.Fen
}

// Exchange nets what a return gives back against what a sale costs. Only the
// money is netted: what was earned is taken back, and what is bought earns, each
// by its own receipt (rule S31).
func Exchange(refund, toPay lot.Fen) Settlement {
	return Settlement{Pay: max(toPay-refund, 0), Back: max(refund-toPay, 0)}
}
