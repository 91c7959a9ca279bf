package simworld

import (
	"crypto/ed25519"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/simhq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lineage"
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
		sums, err := tx.Accounts()
		risk := map[lot.Asset]lot.Amount{}
		for _, a := range sums {
			if a.Kind != book.Risk {
				continue
			}
			of := boundOf(a.Asset)
			if risk[of] -= a.Amount; risk[of] > w.truth.carried[of] {
				w.Fail("risk", "%d of %s were taken beyond what was held, %d are carried", risk[of], of, w.truth.carried[of])
			}
		}
		return err
	})
}

// boundOf is under which asset the programme says what may be carried: all
// vouchers together.
func boundOf(asset lot.Asset) lot.Asset {
	if asset.Benefit() != "" {
		return lot.BenefitAsset("")
	}
	return asset
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
	w.office.MatchAll()
	for _, b := range w.boards {
		if b.gone {
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
	if says := w.agreed(); says != "" {
		w.Fail("stuck", "%s%s", says, w.alarms())
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
		p, err := b.till.Progress()
		w.Must("read progress", err)
		if p.Ledger.Backlog > 0 {
			return fmt.Sprintf("%s has %d entries that HQ has not", b.id, p.Ledger.Backlog)
		}
		if want := img.Down(b.id); p.Down != want {
			return fmt.Sprintf("%s has %d entries of HQ's journal of %d", b.id, p.Down, want)
		}
		if b.over { // what came late is in
			continue
		}
		if says := w.differ(b); says != "" {
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

// differ says where HQ's fold of a terminal is not the terminal's own.
func (w *World) differ(b *board) (says string) {
	img, mine := w.office.Shelf.Image(), b.disk.See()
	theirs := 0
	img.StateRows(b.id, func(string, []byte) bool {
		theirs++
		return true
	})
	mine.Rows(func(key string, value []byte) bool {
		theirs--
		if string(img.StateRow(b.id, key)) != string(value) {
			says = fmt.Sprintf("record %x of %s is not the same at HQ", key, b.id)
		}
		return says == ""
	})
	if says == "" && theirs != 0 {
		says = fmt.Sprintf("HQ has %d records more of %s than it has itself", theirs, b.id)
	}
	return says
}

// whole checks everything, once all agree.
func (w *World) whole() {
	w.balanced()
	w.Must("HQ's own check", w.office.HQ.Check())
	for _, b := range w.boards {
		_, err := audit.Verify(b.disk, b.id, b.key.Public().(ed25519.PublicKey))
		w.Must("verify "+b.id.String(), err)
		if !b.gone {
			w.prefix(b)
		}
	}
	w.noneInFlight()
	w.onceOnly()
	w.claimsSettled()
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

// noneInFlight: every note has arrived or come back, but those to a life that
// waits for a witness: whether a lost end of it took them in is for a person.
func (w *World) noneInFlight() {
	w.view(func(tx book.Tx) error {
		rows, err := tx.Ledger(lot.ID{}, 1<<30)
		if err != nil {
			return err
		}
		may, err := w.mayWait(tx)
		for _, a := range rows {
			if a.Place.Kind == book.InFlight && a.Amount > may[a.Lot.ID] {
				w.Fail("in-flight", "%d of %s of lot %s are still on their way, %d may be%s", a.Amount, a.Lot.Asset, a.Lot.ID, may[a.Lot.ID], w.alarms())
			}
		}
		return err
	})
}

// mayWait is how much of each lot was sent to lives that wait for a witness, or that
// nothing was heard of afterwards and that a person has to end.
func (w *World) mayWait(tx book.Tx) (map[lot.ID]lot.Amount, error) {
	may, img := map[lot.ID]lot.Amount{}, w.office.Shelf.Image()
	for _, b := range w.boards {
		state, err := fold.Load(b.id, tx.State(b.id))
		if err != nil {
			return nil, err
		}
		waits := map[uint64]bool{}
		for _, s := range img.Streams(b.id) {
			waits[uint64(s.Incarnation)] = slices.ContainsFunc(state.Waiting(), func(l lineage.Waiting) bool {
				return state.SameLine(l.Head.Incarnation, s.Incarnation)
			})
		}
		_, left, err := office.NewDesk(tx.Desk()).Passed(b.id)
		if err != nil {
			return nil, err
		}
		for seq := ledger.DownSeq(1); seq <= img.Down(b.id); seq++ {
			d, err := ledger.OpenDown(img.DownRaw(b.id, seq), nil)
			if err != nil {
				return nil, err
			}
			if d.Note == nil || !waits[d.Note.Incarnation] && !slices.ContainsFunc(left, func(n lot.Note) bool { return n.ID == d.Note.ID }) {
				continue
			}
			for _, h := range d.Note.Holdings {
				may[h.Lot.ID] += h.Amount
			}
		}
	}
	return may, nil
}

// onceOnly: no quota was used beyond what it is, and no claim settled twice.
func (w *World) onceOnly() {
	w.view(func(tx book.Tx) error {
		rows, err := tx.Ledger(lot.ID{}, 1<<30)
		granted := map[string]lot.Amount{}
		for _, a := range rows {
			if a.Lot.Asset.Quota() && (a.Place.Kind == book.Spent || a.Place.Kind == book.Reinstated) {
				granted[fmt.Sprint(a.Lot.Owner, " ", a.Lot.Asset)] += a.Amount
			}
		}
		for _, what := range slices.Sorted(maps.Keys(granted)) {
			n, most := granted[what], lot.Amount(1)
			if strings.Contains(what, ":pool:") { // points that others of the family may use in a month
				most = simhq.PoolMost
			}
			if n > most {
				w.Fail("granted-twice", "%s was granted %d times", what, n)
			}
		}
		if err != nil {
			return err
		}
		settled := map[lot.Origin]bool{}
		list, err := tx.Office(0, 0, 1<<30)
		for _, e := range list {
			body, err := office.Decode(e.Kind, e.Body)
			if err != nil {
				return err
			}
			w.Mark("office-" + e.Kind)
			if s, ok := body.(*office.SettleClaim); ok {
				if settled[s.Of] {
					w.Fail("settled-twice", "claim %s was settled twice", s.Of)
				}
				settled[s.Of] = true
			}
		}
		return err
	})
}

// claimsSettled: no claim waits when all have heard of all, but for a home that is frozen.
func (w *World) claimsSettled() {
	claims, err := w.office.HQ.Claims()
	w.Must("list claims", err)
	for _, k := range claims {
		if k.Status == office.ClaimOpen && w.Marks["unproven-boot"]+w.Marks["card-lost"] == 0 {
			w.Fail("claim-open", "claim %s of %s waits though all have heard of all", k.Of, k.Owner)
		}
	}
}

// alarms lists what HQ has for a person to look at, newest first.
func (w *World) alarms() (says string) {
	w.view(func(tx book.Tx) error {
		list, err := tx.Alarms(1 << 20)
		for _, a := range list {
			if a.Code == "alarm-refused" {
				continue
			}
			says += fmt.Sprintf("; %s %s %s", a.Terminal, a.Code, a.Detail)
		}
		return err
	})
	return says
}
