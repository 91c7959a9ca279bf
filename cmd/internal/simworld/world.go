package simworld

import (
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/engine"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/harm"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/market"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/simhq"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/truth"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

const day = engine.Day

// World is one chain of stores.
type World struct {
	*engine.Engine
	o      Options
	faults harm.Chances
	rules  *market.Rules
	people []*customer
	boards []*board
	office *simhq.HQ   // that counts
	older  []*simhq.HQ // that another one was set up beside, and that are at work still
	broker broker
	truth  *truth.Truth
	days   int
	shut   bool // nobody comes to the stores
	lost   bool // a card was: what was on it, customers have on paper
	log    *slog.Logger
	swept  int // step of the last check of the whole book
	done   Result
}

func (w *World) build() {
	w.faults = harm.Draw(w.Random, w.o.Calm)
	w.faults.Harsh(w.o.Harsh)
	w.days = w.o.Days
	if w.days == 0 {
		w.days = 5 + w.Random.IntN(25)
	}
	n := w.o.Terminals
	if n == 0 {
		n = 2 + w.Random.IntN(4)
	}
	w.rules = readRules(w)
	w.truth = newTruth(w)
	w.office = newHQ(w, n)
	later := n > 1 && w.faults.HQBack+w.faults.HQSecond > 0 && w.Hit(5000)
	if later {
		n--
		w.After(w.Between(12*time.Hour, day*time.Duration(w.days)/2+day), w.opens)
	}
	for i := range n {
		w.boards = append(w.boards, newBoard(w, i+1))
	}
	for _, b := range w.boards {
		b.start()
	}
	w.office.Start()
	w.startFaults()
}

// opens has one more board stand where none did: in a store that opens later, or in
// place of one that is gone.
func (w *World) opens() {
	if len(w.boards) < len(w.office.Boards()) {
		w.Mark("board-opened")
		b := newBoard(w, len(w.boards)+1)
		w.boards = append(w.boards, b)
		b.start()
	}
}

// until lets happen what is due.
func (w *World) until(end time.Duration) { w.Until(end, w.checkStep) }

func pick[T any](w *World, list []T) T { return engine.Pick(w.Engine, list) }

// newHQ is HQ with its terminals.
func newHQ(w *World, terminals int) *simhq.HQ {
	o := simhq.Options{
		Engine: w.Engine, Chances: &w.faults, Key: keyOf("headquarters"), Programme: w.rules.Programme, Rules: append([][]byte{w.rules.Text}, w.rules.Others...), Members: w.rules.Members,
		Unguarded: w.o.Unguarded, Log: w.log, Tell: w.truth.Tell, GaveBack: w.truth.GaveBack,
		Swapped: w.truth.Swapped, Forgot: w.truth.Forgot, Freed: w.freed, Brought: w.truth.Brought,
		Stands: func(id ledger.TerminalID) bool { return int(id) <= len(w.boards) },
		Send:   func(to ledger.TerminalID, raw []byte) { w.boards[to-1].send(false, raw) },
	}
	for n := range terminals + spares {
		id := ledger.TerminalID(n + 1)
		o.Boards = append(o.Boards, hq.Board{ID: id, Name: id.String(), Store: fmt.Sprint("S", n+1), Code: fmt.Sprintf("CODE%016d", n+1)})
	}
	return simhq.New(o)
}

// freed hears that a person took what waits for a witness at a board as the store's
// exposure: so much may be lost by it, if the board's card has really forgotten something.
func (w *World) freed(at ledger.TerminalID, held map[lot.Asset]lot.Amount) {
	for asset, n := range held {
		if w.boards[at-1].back {
			w.truth.Risk(asset, n)
		}
	}
}

// spares is how many boards HQ expects beyond those that are there.
const spares = 2

// hqs are all that are at work.
func (w *World) hqs() []*simhq.HQ { return append([]*simhq.HQ{w.office}, w.older...) }

// had reports whether any HQ ever had an entry.
func (w *World) had(id ledger.TerminalID, head ledger.Head) bool {
	return slices.ContainsFunc(w.hqs(), func(h *simhq.HQ) bool { return h.Had(id, head) })
}

// choose finds the HQ that counts: of two at work, the one of the later epoch.
func (w *World) choose() {
	for n, h := range w.older {
		if h.On && !h.HQ.Fenced() && (w.office.HQ.Fenced() || h.HQ.Epoch() > w.office.HQ.Epoch()) {
			w.Mark("hq-came-back")
			w.older[n], w.office = w.office, h
		}
	}
}

// second has a person set up another HQ beside the one that is there.
func (w *World) second() {
	if other := w.office.Second(); other != nil {
		w.older, w.office = append(w.older, w.office), other
	}
}
