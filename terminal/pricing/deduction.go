package pricing

import (
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// deduct is the fifth step: what points pay of the bill after coupons (rule
// S04), shared over the lines that points may pay by what is left of them.
func (q *Quote) deduct(r Request) error {
	rules := r.Programme.Deduction
	worth := r.Programme.Worth(rules.Asset)
	eligible := q.eligible(r)
	most, err := q.mostDeducted(r, worth, sum(eligible), lot.Available(r.Holdings, rules.Asset, r.Today))
	if err != nil {
		return err
	}
	q.MaxDeduction = most
	q.Deduction.Asset = rules.Asset
	fen := most.Fen
	if r.DeductFen != DeductMax {
		fen = floorTo(min(fen, r.DeductFen), rules.StepFen)
	}
	points, err := cost(fen, worth)
	if err != nil {
		return err
	}
	if fen == 0 || points < rules.MinPoints {
		return nil
	}
	q.Deduction.Fen, q.Deduction.Points = fen, points
	for i, part := range lot.Split(int64(fen), eligible) {
		q.Lines[i].Deducted = lot.Fen(part)
		q.Lines[i].Net -= lot.Fen(part)
	}
	q.ToPay -= fen
	return nil
}

// eligible is what points may pay of each line.
func (q *Quote) eligible(r Request) []int64 {
	weights := make([]int64, len(q.Lines))
	for i, line := range q.Lines {
		if !r.Programme.Excluded.Deduct[r.Lines[i].Product.GTIN] {
			weights[i] = int64(line.Net)
		}
	}
	return weights
}

func sum(parts []int64) lot.Fen {
	var total lot.Fen
	for _, n := range parts {
		total += lot.Fen(n)
	}
	return total
}

// mostDeducted finds the lowest of the caps. The whole bill comes first, so
// that a cap is named only when it takes something away.
func (q *Quote) mostDeducted(r Request, worth lot.Ratio, eligible lot.Fen, available lot.Amount) (MaxDeduction, error) {
	switch {
	case r.Member == 0:
		return MaxDeduction{Limit: LimitNoMember}, nil
	case !r.Proof.MaySpend():
		return MaxDeduction{Limit: LimitProof}, nil
	}
	rules := r.Programme.Deduction
	bill := q.ToPay
	share, err := lot.Ratio{Num: rules.MaxShareBP, Den: 10_000}.Floor(int64(bill))
	if err != nil {
		return MaxDeduction{}, err
	}
	payable, err := payable(bill, worth, available)
	if err != nil {
		return MaxDeduction{}, err
	}
	fen, limit := lowest(bill, []ceiling{
		{eligible, LimitExcluded},
		{lot.Fen(share), LimitShare},
		{rules.MaxFen, LimitMax},
		{payable, LimitPoints},
	})
	return aboveMinimum(rules, worth, floorTo(fen, rules.StepFen), limit)
}

type ceiling struct {
	fen   lot.Fen
	limit Limit
}

func lowest(bill lot.Fen, caps []ceiling) (lot.Fen, Limit) {
	fen, limit := bill, LimitNone
	for _, c := range caps {
		if c.fen < fen {
			fen, limit = c.fen, c.limit
		}
	}
	return fen, limit
}

// aboveMinimum refuses a deduction that would use fewer points than the
// programme's minimum.
func aboveMinimum(rules programme.Deduction, worth lot.Ratio, fen lot.Fen, limit Limit) (MaxDeduction, error) {
	points, err := cost(fen, worth)
	if err != nil {
		return MaxDeduction{}, err
	}
	if fen > 0 && points < rules.MinPoints {
		return MaxDeduction{Limit: LimitMinimum}, nil
	}
	return MaxDeduction{Fen: fen, Points: points, Limit: limit}, nil
}

// payable is how much of the bill so many points pay.
func payable(bill lot.Fen, worth lot.Ratio, available lot.Amount) (lot.Fen, error) {
	whole, err := cost(bill, worth)
	if err != nil || available >= whole {
		return bill, err
	}
	fen, err := worth.Inverse().Floor(int64(available))
	return lot.Fen(fen), err
}

// cost is how many points pay so much, rounded up.
func cost(fen lot.Fen, worth lot.Ratio) (lot.Amount, error) {
	points, err := worth.Ceil(int64(fen))
	if err != nil || points > int64(lot.AmountMax) {
		return 0, pointsError(points, err)
	}
	return lot.Amount(points), nil
}

func floorTo(fen, step lot.Fen) lot.Fen { return fen - fen%step }
