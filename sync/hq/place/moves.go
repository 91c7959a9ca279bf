package place

import "github.com/jifen-pos/jifen/terminal/lot"

// Moves are lots that an entry makes and postings.
type Moves struct {
	Lots  []lot.Lot
	Posts []Post
}

// Born issues lots at HQ: lot n of the list is the entry's lot number n, if it has no
// name of its own.
func (m *Moves) Born(at lot.Origin, lots []lot.Lot) {
	for _, l := range lots {
		if l.ID == (lot.ID{}) {
			l.ID = lot.ID{Origin: at, N: uint32(len(m.Lots))}
		}
		m.Lots = append(m.Lots, l)
		m.Posts = append(m.Posts, Post{Lot: l.ID, Place: Place{Kind: Issued}, Amount: -l.Amount}, Post{Lot: l.ID, Place: Place{Kind: AtHQ}, Amount: l.Amount})
	}
}

// GoOn ends parts of lots, taken from a place, and goes on with them in new
// ones, each of which names the one that it goes on with.
func (m *Moves) GoOn(at lot.Origin, lots []lot.Lot, from Kind) {
	for _, l := range lots {
		m.Move(l.From, l.Amount, from, Reissued)
	}
	m.Born(at, lots)
}

// Move moves an amount of a lot from one place to another.
func (m *Moves) Move(id lot.ID, n lot.Amount, from, to Kind) {
	m.Posts = append(m.Posts, Post{Lot: id, Place: Place{Kind: from}, Amount: -n}, Post{Lot: id, Place: Place{Kind: to}, Amount: n})
}

// Draw moves parts of lots from one place to another.
func (m *Moves) Draw(draws []lot.Draw, from, to Kind) {
	for _, d := range draws {
		m.Move(d.Lot, d.Amount, from, to)
	}
}

// GoOn is a lot that goes on with another's terms until a later day.
func GoOn(h lot.Holding, expires lot.Day) lot.Lot {
	l := h.Lot
	l.ID, l.From, l.Amount, l.Expires = lot.ID{}, h.Lot.ID, h.Amount, expires
	return l
}
