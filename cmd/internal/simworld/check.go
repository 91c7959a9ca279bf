package simworld

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/truth"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// wholeEvery is after how many steps the whole book is checked.
const wholeEvery = 10_000

// checkStep holds after every step: what the step touched was looked at where
// it happened, and now and then everything is.
func (w *World) checkStep() {
	if w.Step-w.swept < wholeEvery {
		return
	}
	w.swept = w.Step
	w.balanced()
}

// balanced: every lot's accounts add up, and nobody took what was not there.
func (w *World) balanced() {
	w.view(func(tx book.Tx) error {
		off, err := tx.Unbalanced(1)
		if len(off) > 0 {
			w.Fail("unbalanced", "lot %s does not add up at HQ", off[0])
		}
		if err != nil {
			return err
		}
		rows, err := tx.Ledger(lot.ID{}, 1<<30)
		risk := map[lot.Asset]lot.Amount{}
		for _, a := range rows {
			if a.Place.Kind != book.Risk {
				continue
			}
			of := truth.Bound(a.Lot.Asset)
			if risk[of] += max(-a.Amount-w.truth.Again(a.Lot.ID), 0); risk[of] > w.truth.Risked(of) {
				w.Fail("risk", "%d of %s were taken beyond what was held, %d are carried", risk[of], of, w.truth.Risked(of))
			}
		}
		return err
	})
}

func (w *World) view(fn func(tx book.Tx) error) { w.Must("read HQ's book", w.office.Shelf.View(fn)) }

// settleFor is how long all may take to agree once nothing goes wrong.
const settleFor = 3 * time.Hour

// settle ends the harm and waits for all to agree.
func (w *World) settle() {
	w.Calm = true
	w.Trace("calm")
	w.brokerBack()
	for _, h := range w.hqs() {
		h.Settle()
	}
	w.choose()
	w.office.MatchAll()
	for _, b := range w.boards {
		if b.gone {
			b.ended()
			continue
		}
		b.line.noUp, b.line.noDown = false, false
		b.skew = 0
		b.powerOn()
		b.quality = ledger.ClockSynced
		b.line.calling = false
		b.connectSoon(0)
	}
	w.Forget() // what else was to happen
	for _, h := range w.hqs() {
		w.After(time.Minute, h.Tick)
	}
	says := w.together()
	if says != "" {
		w.Fail("stuck", "%s%s", says, w.office.Alarms())
	}
}

// persons has people settle all that waits for one, until nothing does. All agree then
// as before.
func (w *World) persons() {
	for round := range 7 {
		some, waits := w.office.SettlesAll()
		if !some && waits == "" {
			return
		}
		if !some || round == 6 {
			w.Fail("unsettled", "nobody can settle what waits, or it comes again%s%s", waits, w.office.Alarms())
		}
		if says := w.together(); says != "" {
			w.Fail("stuck", "when persons have settled all: %s%s", says, w.office.Alarms())
		}
	}
}

// together waits until all agree, and says what is not yet known to all, or "".
func (w *World) together() string {
	for range 3 {
		for end := w.Now + settleFor; w.Now < end; {
			for _, b := range w.boards {
				if !b.on {
					continue
				}
				if !b.line.connected {
					b.line.calling = false
					b.connect()
				}
				b.openDay()
				b.pumping = 0
				b.pump()
			}
			w.until(w.Now + 20*time.Second)
			w.oneOfEach()
			if w.agreed() == "" {
				break
			}
		}
		w.office.Nightly()
	}
	for end := w.Now + settleFor; w.Now < end && w.agreed() != ""; {
		for _, b := range w.boards {
			b.pump()
		}
		w.until(w.Now + 20*time.Second)
	}
	return w.agreed()
}

// oneOfEach has a person name one of each two boards that have one name, also where
// they are two lives of a card that went back and HQ's book too, and the other one be
// thrown away; and a board that two HQs told different things be replaced.
func (w *World) oneOfEach() {
	if w.Marks["card-cloned"]+w.Marks["tampered"]+w.Marks["hq-second"] == 0 && (w.Marks["hq-restored"] == 0 || w.faults.CardsAreSafe()) {
		return
	}
	w.office.NameSurvivors()
	if w.Marks["hq-second"] > 0 {
		w.office.TakesOver()
	}
	for _, b := range w.boards {
		if why := b.deniedWhy(); b.other != nil && why == "denied-clone" {
			b.throwAway()
		} else if why == "trouble-journal" && w.Marks["hq-second"] > 0 && b.ended() {
			b.powerOff()
			b.gone = true
		}
	}
}

// agreed says what is not yet known to all, or "".
func (w *World) agreed() string {
	w.choose()
	for _, h := range w.older {
		if !h.HQ.Fenced() {
			return "an HQ that was replaced is still at work"
		}
	}
	img := w.office.Shelf.Image()
	for _, b := range w.boards {
		if b.gone || b.over && b.deniedWhy() == "denied-gone" {
			continue
		}
		if b.end == nil || !b.end.Online() {
			return fmt.Sprintf("%s is not online (denied %q)", b.id, b.deniedWhy())
		}
		if !b.over && !w.office.Key().Public().(ed25519.PublicKey).Equal(b.HQKey()) {
			return fmt.Sprintf("%s does not know HQ's newest key", b.id)
		}
		p, err := b.till.Progress()
		w.Must("read progress", err)
		if p.Ledger.Backlog > 0 {
			return fmt.Sprintf("%s has %d entries that HQ has not", b.id, p.Ledger.Backlog)
		}
		if want := img.Down(b.id); p.Down != want {
			return fmt.Sprintf("%s has %d entries of HQ's journal of %d", b.id, p.Down, want)
		}
		if b.over { // what came late is in, and it is told nothing more
			continue
		}
		if b.rack.Lacks(b.reading().Wall.UnixMilli()) {
			return fmt.Sprintf("%s has not all that is published", b.id)
		}
		if says := w.office.Differs(b.id, b.disk.See().Rows); says != "" {
			return says
		}
	}
	return ""
}

func (b *board) deniedWhy() string {
	if b.end == nil {
		return "off"
	}
	return b.end.Denied()
}

// whole checks everything, once all agree.
func (w *World) whole() {
	w.balanced()
	w.checkHQ()
	for _, b := range w.boards {
		_, err := audit.Verify(b.disk, b.id, b.key.Public().(ed25519.PublicKey))
		w.Must("verify "+b.id.String(), err)
		if !b.gone && !(b.over && b.deniedWhy() == "denied-gone") {
			w.prefix(b)
		}
	}
	w.office.NoneInFlight()
	w.office.OnceOnly()
	w.office.OneBirthday()
	w.office.ClaimsSettled()
	w.office.RecallsAnswered()
	w.office.DuesCollected()
}

// checkHQ has HQ look through its book. Where that went back, and the card of a board as
// well, nobody has some of its entries any more, now that all have sent what they have.
// What was built on those is not what the journals give then: that is for a person, who
// is shown it. That no point is spent twice, and that the books add up, holds there too.
func (w *World) checkHQ() {
	err := w.office.HQ.Check()
	if err == nil || !slices.ContainsFunc(w.boards, func(b *board) bool { return w.office.Forgot(b.id) }) {
		w.Must("HQ's own check", err)
		return
	}
	w.Mark("forgotten-by-both")
}

// prefix: HQ's copy of every stream is the terminal's.
func (w *World) prefix(b *board) {
	img := w.office.Shelf.Image()
	for _, s := range b.disk.See().Heads() {
		for seq := ledger.Seq(1); seq <= s.Seq; seq++ {
			r, _ := b.disk.See().Record(s.Incarnation, seq)
			e := img.Entry(b.id, s.Incarnation, seq)
			if e == nil || e.Head != r.Head || string(e.Raw) != string(r.Raw) {
				w.Fail("prefix", "entry %s of %s is not the same at HQ", r.Head, b.id)
			}
		}
	}
}
