package simhq

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/market"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/adrift"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/gift"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lineage"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/quota"
)

// What must hold of HQ's book once all agree.

// NoneInFlight: every note has arrived or come back, but those to a life that
// waits for a witness: whether a lost end of it took them in is for a person; and
// those of which a board that is gone had said so, before HQ's book went back.
func (h *HQ) NoneInFlight() {
	h.view(func(tx book.Tx) error {
		rows, err := tx.Ledger(lot.ID{}, 1<<30)
		if err != nil {
			return err
		}
		may, lost, err := h.mayWait(tx)
		if err != nil {
			return err
		}
		gone, err := adrift.All(tx)
		for _, a := range rows {
			if a.Place.Kind != book.InFlight {
				continue
			}
			id := a.Lot.ID
			if a.Amount > may[id]+lost[id] {
				h.Fail("in-flight", "%d of %s of lot %s are still on their way, %d may be%s", a.Amount, a.Lot.Asset, id, may[id]+lost[id], h.Alarms())
			}
			if shown, _ := adrift.Of(gone, id); a.Amount-shown > may[id] {
				h.Fail("in-flight", "%d of %s of lot %s are shown as on their way, %d may be%s", a.Amount-shown, a.Lot.Asset, id, may[id], h.Alarms())
			}
		}
		return err
	})
}

// mayWait is how much of each lot was sent to lives that wait for a witness, or that
// nothing was heard of afterwards and that a person has to end; and how much to boards
// that are gone, of which HQ has forgotten that it came: nobody is shown it as on its way.
func (h *HQ) mayWait(tx book.Tx) (may, lost map[lot.ID]lot.Amount, err error) {
	may, lost = map[lot.ID]lot.Amount{}, map[lot.ID]lot.Amount{}
	img := h.Shelf.Image()
	for _, b := range h.o.Boards {
		state, err := fold.Load(b.ID, tx.State(b.ID))
		if err != nil {
			return nil, nil, err
		}
		waits := map[uint64]bool{}
		for _, s := range img.Streams(b.ID) {
			waits[uint64(s.Incarnation)] = slices.ContainsFunc(state.Waiting(), func(l lineage.Waiting) bool {
				return state.SameLine(l.Head.Incarnation, s.Incarnation)
			})
		}
		_, left, err := office.NewDesk(tx.Desk()).Passed(b.ID)
		if err != nil {
			return nil, nil, err
		}
		gone, err := office.NewDesk(tx.Desk()).Gone(b.ID)
		if err != nil {
			return nil, nil, err
		}
		forgot := gone != nil && slices.ContainsFunc(gone.Heads, func(heard ledger.Head) bool {
			return !slices.ContainsFunc(img.Streams(b.ID), func(s ledger.Head) bool { return s.Incarnation == heard.Incarnation && s.Seq >= heard.Seq })
		})
		for seq := ledger.DownSeq(1); seq <= img.Down(b.ID); seq++ {
			d, err := ledger.OpenDown(img.DownRaw(b.ID, seq), nil)
			if err != nil {
				return nil, nil, err
			}
			if d.Note == nil {
				continue
			}
			to := may
			if !waits[d.Note.Incarnation] && !slices.ContainsFunc(left, func(n lot.Note) bool { return n.ID == d.Note.ID }) {
				if to = lost; !forgot || seq <= state.Mark() {
					continue
				}
			}
			for _, h := range d.Note.Holdings {
				to[h.Lot.ID] += h.Amount
			}
		}
	}
	return may, lost, nil
}

// Differs says where HQ's fold of a terminal is not the terminal's own, whose rows are
// walked through.
func (h *HQ) Differs(id ledger.TerminalID, rows func(func(key string, value []byte) bool)) (says string) {
	img := h.Shelf.Image()
	theirs := 0
	img.StateRows(id, func(string, []byte) bool {
		theirs++
		return true
	})
	rows(func(key string, value []byte) bool {
		theirs--
		if string(img.StateRow(id, key)) != string(value) {
			says = fmt.Sprintf("record %x of %s is not the same at HQ", key, id)
		}
		return says == ""
	})
	if says == "" && theirs != 0 {
		says = fmt.Sprintf("HQ has %d records more of %s than it has itself", theirs, id)
	}
	return says
}

// regained reports whether a claim waits for a person that HQ granted and forgot: what a
// return gave back, and was used again since, is awaited until then, and for ever where
// they decided otherwise than HQ had.
func (h *HQ) regained() bool {
	if h.Marks["regained-settled"] > 0 {
		return true
	}
	claims, err := h.HQ.Claims()
	h.Must("list claims", err)
	return slices.ContainsFunc(claims, func(k hq.ClaimView) bool { return k.Why == "claim-regained" })
}

// OnceOnly: no quota was used beyond what it is, and no claim settled twice. What a lost
// board gave before HQ had the right back, HQ can have given again: a quota of its own
// that it made there counts for itself, and what it used of others is their risk, which
// is never more than what the board held.
func (h *HQ) OnceOnly() {
	h.view(func(tx book.Tx) error {
		rows, err := tx.Ledger(lot.ID{}, 1<<30)
		granted := map[string]lot.Amount{}
		places := []book.PlaceKind{book.Spent, book.Reinstated, book.Risk}
		if h.regained() {
			places = append(places, book.AtHQ.Awaited())
		}
		for _, a := range rows {
			if counts := slices.Contains(places, a.Place.Kind); !counts || !a.Lot.Asset.Quota() {
				continue
			}
			what := fmt.Sprint(a.Lot.Owner, " ", a.Lot.Asset)
			by := a.Lot.ID.Origin
			gone, failed := office.NewDesk(tx.Desk()).Gone(ledger.TerminalID(by.Terminal))
			if err = errors.Join(err, failed); gone != nil && gone.After(ledger.Incarnation(by.Incarnation), ledger.Seq(by.Seq)) {
				what += fmt.Sprint(" at the lost ", gone.Terminal)
			}
			granted[what] += a.Amount
		}
		for _, what := range slices.Sorted(maps.Keys(granted)) {
			n, most := granted[what], lot.Amount(1)
			switch {
			case strings.Contains(what, ":pool:"): // points that others of the family may use in a month
				most = PoolMost
			case strings.Contains(what, " quota:"+market.Small+":"), strings.Contains(what, " quota:"+market.Wheel+":"):
				most = market.Often
			}
			if n > most {
				h.Fail("granted-twice", "%s was granted %d times", what, n)
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
			h.Mark("office-" + e.Kind)
			if s, ok := body.(*office.SettleClaim); ok {
				if settled[s.Of] {
					h.Fail("settled-twice", "claim %s was settled twice", s.Of)
				}
				settled[s.Of] = true
			}
		}
		return err
	})
}

// everOne finds who stands for somebody among all that were ever held to be one person:
// a quota that came under one name may be used up under another, and both parted later.
func everOne(tx book.Tx) (func(member.ID) member.ID, error) {
	into := map[member.ID]member.ID{}
	first := func(who member.ID) member.ID {
		for into[who] != 0 {
			who = into[who]
		}
		return who
	}
	list, err := tx.Office(0, 0, 1<<30)
	for _, e := range list {
		body, failed := office.Decode(e.Kind, e.Body)
		err = errors.Join(err, failed)
		if a, ok := body.(*office.Alias); ok && first(a.From) != first(a.To) {
			into[first(a.From)] = first(a.To)
		}
	}
	return first, err
}

// OneBirthday: nobody got more packs than the quotas of birthdays that they used up,
// each of another year (a clock may be a year ahead), and who has theirs has none due.
func (h *HQ) OneBirthday() {
	pack := h.o.Programme.Birthday
	if pack == nil {
		return
	}
	h.view(func(tx book.Tx) error {
		first, err := everOne(tx)
		if err != nil {
			return err
		}
		rows, err := tx.Ledger(lot.ID{}, 1<<30)
		got, used := map[member.ID]lot.Amount{}, map[member.ID]lot.Amount{}
		own, this := map[member.ID]bool{}, map[member.ID]bool{} // who has a pack in their name, and who used up their quota of this year
		now := quota.Reason(gift.Birthday, h.o.Programme.Day(h.Wall())).Asset
		for _, a := range rows {
			switch {
			case a.Place.Kind == book.Issued && a.Lot.Asset.Benefit() == pack.Benefit:
				got[first(a.Lot.Owner)] -= a.Amount
				own[a.Lot.Owner] = true
			case a.Place.Kind == book.Spent && strings.HasPrefix(string(a.Lot.Asset), "quota:"+gift.Birthday+":"):
				used[first(a.Lot.Owner)] += a.Amount
				this[a.Lot.Owner] = this[a.Lot.Owner] || a.Amount > 0 && a.Lot.Asset == now
			}
		}
		for _, who := range slices.Sorted(maps.Keys(got)) {
			if got[who] > used[who] {
				h.Fail("birthday-twice", "%s got %d packs for %d birthdays", who, got[who], used[who])
			}
		}
		for _, who := range slices.Sorted(maps.Keys(own)) {
			kept, failed := office.NewDesk(tx.Desk()).Person(who)
			if err = errors.Join(err, failed); failed == nil && kept.To == 0 && this[who] && slices.Contains(kept.Gifts, gift.Birthday) {
				h.Fail("due-after-given", "%s has their pack, and HQ says that it is due", who)
			}
		}
		return err
	})
}

// undecided reports whether what lies or comes at any board that HQ hears waits for a
// witness, or for a person to say that a life is over.
func (h *HQ) undecided() (waits bool) {
	h.view(func(tx book.Tx) error {
		terminals, err := tx.Terminals()
		desk := office.NewDesk(tx.Desk())
		for _, t := range terminals {
			state, failed := fold.Load(t.ID, tx.State(t.ID))
			gone, unread := desk.Gone(t.ID)
			_, passed, unseen := desk.Passed(t.ID)
			if err = errors.Join(err, failed, unread, unseen); err == nil && gone == nil {
				waits = waits || len(state.Waiting())+len(passed) > 0
			}
		}
		return err
	})
	return waits
}

// ClaimsSettled: when all have heard of all, no claim waits but for a home of which a
// witness or a person says where it is.
func (h *HQ) ClaimsSettled() {
	if h.undecided() {
		return
	}
	claims, err := h.HQ.Claims()
	h.Must("list claims", err)
	for _, k := range claims {
		if k.Status == office.ClaimOpen {
			h.Fail("claim-open", "claim %s of %s waits though all have heard of all", k.Of, k.Owner)
		}
	}
}

// RecallsAnswered: every board has said what it gives of what HQ asked it for.
func (h *HQ) RecallsAnswered() {
	h.view(func(tx book.Tx) (err error) {
		for _, b := range h.o.Boards {
			state, failed := fold.Load(b.ID, tx.State(b.ID))
			gone, unread := office.NewDesk(tx.Desk()).Gone(b.ID)
			if err = errors.Join(err, failed, unread); err != nil || gone != nil {
				continue
			}
			for _, r := range state.Recalls() {
				h.Fail("recall-unanswered", "%s was asked for %v of %s and says nothing", b.ID, r.Draws, r.Member)
			}
		}
		return err
	})
}

// DuesCollected: nothing that is to come back of what was earned lies at HQ.
func (h *HQ) DuesCollected() {
	h.view(func(tx book.Tx) error {
		desk := office.NewDesk(tx.Desk())
		rows, err := tx.Ledger(lot.ID{}, 1<<30)
		for _, a := range rows {
			if a.Place.Kind != book.AtHQ || a.Amount <= 0 {
				continue
			}
			dues, failed := desk.Dues(a.Lot.Owner)
			err = errors.Join(err, failed)
			for _, d := range dues {
				if d.Lot == a.Lot.ID && d.Amount > 0 {
					h.Fail("due-uncollected", "%d of %s of lot %s are due, %d lie at HQ", d.Amount, d.Asset, d.Lot, a.Amount)
				}
			}
		}
		return err
	})
}

// Alarms lists what HQ has for a person to look at, newest first.
func (h *HQ) Alarms() (says string) {
	h.view(func(tx book.Tx) error {
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

func (h *HQ) view(fn func(tx book.Tx) error) { h.Must("read HQ's book", h.Shelf.View(fn)) }

// Held lists where points are, by member and place.
func (h *HQ) Held() (out []tale.Held) {
	h.view(func(tx book.Tx) error {
		rows, err := tx.Ledger(lot.ID{}, 1<<30)
		known := map[tale.Held]int{}
		for _, a := range rows {
			if a.Lot.Asset != points || a.Amount == 0 {
				continue
			}
			at := tale.Held{Member: a.Lot.Owner, Kind: a.Place.Kind}
			if a.Place.Kind == book.AtTerminal {
				at.Store = fmt.Sprint("S", a.Place.Terminal)
			}
			n, ok := known[at]
			if !ok {
				n = len(out)
				known[at], out = n, append(out, at)
			}
			out[n].Amount += a.Amount
		}
		return err
	})
	return out
}
