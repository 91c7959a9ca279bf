package fold

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Day is the newest business day here, whether it has been closed, and its
// sums so far.
func (s *State) Day() (day lot.Day, closed bool, f ledger.Figures, err error) {
	p, err := get[ledger.Figures](s, dayKey)
	if err != nil {
		return 0, false, ledger.Figures{}, err
	}
	f = *p
	f.Tenders, f.Points = slices.Clone(p.Tenders), slices.Clone(p.Points)
	return s.head.Day.Day, s.head.Day.Closed, f, nil
}

func (s *step) openDay(b *ledger.DayOpen) {
	s.figures(b.Day)
	s.head.Day.Closed = false
}

// closeDay compares what the slip says with what the journal gives.
func (s *step) closeDay(b *ledger.DayClose) {
	if f := s.figures(b.Day); b.Day != s.head.Day.Day || !sameFigures(*f, b.Figures) {
		s.wrong(wrongFigures)
	}
	s.head.Day.Closed = true
}

func sameFigures(a, b ledger.Figures) bool {
	sums := slices.Equal(a.Tenders, b.Tenders) && slices.Equal(a.Points, b.Points)
	return sums && a.Since == b.Since && a.Sales == b.Sales && a.Returns == b.Returns && a.Sold == b.Sold && a.Off == b.Off && a.Deducted == b.Deducted &&
		a.Rounded == b.Rounded && a.Refunded == b.Refunded && a.Vouchers == b.Vouchers && a.HandOuts == b.HandOuts
}

// figures are the sums of a business day; a newer day starts at nothing, and
// what names an older one counts towards the newest. A day that nobody closed
// is not lost: its sums go on, and say since when.
func (s *step) figures(day lot.Day) *ledger.Figures {
	f, err := get[ledger.Figures](s.State, dayKey)
	if err != nil {
		s.spoiled = err
		return &ledger.Figures{}
	}
	if last := s.head.Day; day > last.Day {
		switch {
		case last.Closed || f.Empty():
			*f = ledger.Figures{}
		case f.Since == 0:
			f.Since = last.Day
		}
		s.head.Day = dayMark{Day: day, Closed: last.Closed}
	}
	s.touch(dayKey)
	return f
}

// countSale adds a sale to its day.
func (s *step) countSale(b *ledger.Sale) {
	f := s.figures(b.Day)
	f.Sales++
	for _, l := range b.Lines {
		f.Sold, f.Off, f.Deducted, f.Rounded = f.Sold+l.Fen, f.Off+l.Off, f.Deducted+l.Deducted, f.Rounded+l.Rounded
	}
	change := b.Change
	for _, t := range b.Tenders {
		taken := t.Fen
		if t.Kind == cash { // change is given back in cash
			part := min(change, taken)
			taken, change = taken-part, change-part
		}
		s.tenderOf(f, t.Kind).Taken += taken
	}
	for _, a := range b.Awards {
		s.pointsOf(f, a.Asset).Earned += a.Amount
	}
	f.Vouchers += uint64(len(b.Redemptions))
}

const cash = "cash"

// countReturn adds a return to the day on which it happened.
func (s *step) countReturn(day lot.Day, refund lot.Fen, tenders []ledger.Tender) {
	f := s.figures(day)
	f.Returns++
	f.Refunded += refund
	for _, t := range tenders {
		s.tenderOf(f, t.Kind).Given += t.Fen
	}
}

// countUse adds points that were used on a day.
func (s *step) countUse(day lot.Day, asset lot.Asset, n lot.Amount) {
	if n > 0 && asset.Points() {
		s.pointsOf(s.figures(day), asset).Used += n
	}
}

// countBack adds points that came back on the newest day.
func (s *step) countBack(asset lot.Asset, n lot.Amount) {
	if asset.Points() {
		s.pointsOf(s.figures(0), asset).Back += n
	}
}

func (s *step) tenderOf(f *ledger.Figures, kind string) *ledger.TenderSum {
	n, found := slices.BinarySearchFunc(f.Tenders, kind, func(t ledger.TenderSum, k string) int { return cmp.Compare(t.Kind, k) })
	if !found && s.fits(len(f.Tenders)) {
		f.Tenders = slices.Insert(f.Tenders, n, ledger.TenderSum{Kind: kind})
	}
	if n == len(f.Tenders) {
		return &ledger.TenderSum{}
	}
	return &f.Tenders[n]
}

func (s *step) pointsOf(f *ledger.Figures, asset lot.Asset) *ledger.PointsSums {
	n, found := slices.BinarySearchFunc(f.Points, asset, func(p ledger.PointsSums, a lot.Asset) int { return cmp.Compare(p.Asset, a) })
	if !found && s.fits(len(f.Points)) {
		f.Points = slices.Insert(f.Points, n, ledger.PointsSums{Asset: asset})
	}
	if n == len(f.Points) {
		return &ledger.PointsSums{}
	}
	return &f.Points[n]
}

// fits reports whether one more kind has room in a day's figures; a day that
// has too many spoils the step.
func (s *step) fits(n int) bool {
	if n >= ledger.FiguresMax {
		s.spoiled = fmt.Errorf("more than %d kinds in one day: %w", ledger.FiguresMax, lot.ErrAmount)
	}
	return n < ledger.FiguresMax
}
