package gifts

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/gift"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/quota"
)

// atOnce is how many entries are followed in one go.
const atOnce = 100

// Follow reads on in a terminal's journal and in HQ's own, as far as one go takes it.
func Follow(w *decision.Work, id ledger.TerminalID) error {
	if !anything(w.Programme()) {
		return nil
	}
	f := follower{Work: w, id: id}
	_, err := f.follow()
	return errors.Join(err, f.refresh())
}

type follower struct {
	*decision.Work
	id      ledger.TerminalID
	changed []member.ID
}

// follow reads on as far as one go takes it, and notes for whom that counts.
func (f *follower) follow() (more bool, err error) {
	if more, err = f.journal(); err != nil {
		return more, err
	}
	return more, f.office()
}

// refresh works out anew what is to be given to those: once each, however much
// was read of them, since it looks at all that counts for a member.
func (f *follower) refresh() (err error) {
	for _, who := range f.changed {
		err = errors.Join(err, Refresh(f.Work, who))
	}
	return err
}

func (f *follower) touch(who member.ID) {
	if who != 0 && !slices.Contains(f.changed, who) {
		f.changed = append(f.changed, who)
	}
}

// journal goes on in the terminal's. What belongs into an earlier life and came later,
// as a disk that went back sends it, is found by the number of entries: then all is
// read again, which changes nothing that was read.
func (f *follower) journal() (more bool, err error) {
	var at cursor
	k := key(cursorRow, uint64(f.id))
	if err := read(f.Work, k, &at); err != nil {
		return false, err
	}
	streams, err := f.Tx.Streams(f.id)
	if err != nil || len(streams) == 0 {
		return false, err
	}
	was, total := at, uint64(0)
	for _, s := range streams {
		total += uint64(s.Seq)
	}
	if at.Count == total {
		return false, nil
	}
	n := slices.IndexFunc(streams, func(s ledger.Head) bool { return uint64(s.Incarnation) == at.Life })
	if n < 0 || n == len(streams)-1 && at.Seq >= uint64(streams[n].Seq) { // none yet, or at the end and not all was read
		n, at = 0, cursor{Life: uint64(streams[0].Incarnation)}
	}
	for left := atOnce; left > 0 && n < len(streams); {
		rows, err := f.Tx.Entries(f.id, streams[n].Incarnation, ledger.Seq(at.Seq), left)
		if err != nil {
			return false, err
		}
		for _, row := range rows {
			e, err := ledger.Decode(row.Raw)
			if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
				return false, err
			}
			if err := f.entry(ledger.Origin(f.id, row.Head.Incarnation, row.Head.Seq), &e); err != nil {
				return false, err
			}
			at.Seq, at.Count = uint64(row.Head.Seq), at.Count+1
			left--
		}
		if len(rows) == 0 {
			if n++; n < len(streams) {
				at.Life, at.Seq = uint64(streams[n].Incarnation), 0
			}
		}
	}
	if at == was {
		return false, nil
	}
	return at.Count < total, write(f.Work, k, &at)
}

// entry keeps of one entry what counts.
func (f *follower) entry(of lot.Origin, e *ledger.Entry) error {
	switch b := e.Body.(type) {
	case *ledger.Enrol:
		if err := f.own(b.Member, b.Sealed); err != nil {
			return err
		}
		f.touch(b.Member)
	case *ledger.Consent:
		f.touch(b.Member)
		return f.consent(b)
	case *ledger.Grant:
		if !gift.Known(b.Reason) {
			return nil
		}
		f.touch(b.Member)
		who, err := f.bearer(of, b)
		if err != nil {
			return err
		}
		return f.gave(who, b)
	}
	for _, who := range about(e.Body) {
		if err := f.saw(who, seen{of, f.Programme().Day(time.UnixMilli(e.Wall)), e.Body.Kind()}); err != nil {
			return err
		}
	}
	return nil
}

// bearer is whose quota is used up by what was given to a member, or will be where HQ
// has to settle it: somebody else's where they were one then.
func (f *follower) bearer(of lot.Origin, b *ledger.Grant) (member.ID, error) {
	for _, d := range b.Quota {
		if l, err := f.Tx.Lot(d.Lot); !errors.Is(err, book.ErrNotFound) { // else it was not there to be used
			return l.Owner, err
		}
	}
	k, err := f.Desk.Claim(of)
	if err == nil && k.Status == office.ClaimGranted {
		return k.Owner, nil
	}
	return b.Member, err
}

// on is the day that what was given counts for: a claim's as it is settled.
func (f *follower) on(b *ledger.Grant) lot.Day {
	if b.Claim {
		return min(b.Day, f.Today().Day)
	}
	return b.Day
}

// gave keeps that somebody was given something.
func (f *follower) gave(who member.ID, b *ledger.Grant) error {
	return edit(f.Work, who, func(r *record) {
		if g := (given{b.Reason, f.on(b)}); !slices.Contains(r.Given, g) {
			r.Given = append(r.Given, g)
		}
	})
}

// settled keeps whose quota a claim used up that HQ granted.
func (f *follower) settled(b *office.SettleClaim) error {
	e, err := f.EntryOf(b.Of)
	if errors.Is(err, book.ErrNotFound) { // what a member told HQ
		return nil
	}
	if err != nil {
		return err
	}
	g, ok := e.Body.(*ledger.Grant)
	if !ok || !gift.Known(g.Reason) || g.Member == b.Owner {
		return nil
	}
	f.touch(g.Member)
	period := quota.Reason(g.Reason, f.on(g))
	err = edit(f.Work, g.Member, func(r *record) {
		r.Given = slices.DeleteFunc(r.Given, func(x given) bool { return x.Reason == g.Reason && quota.Reason(x.Reason, x.Day) == period })
	})
	return errors.Join(err, f.gave(b.Owner, g))
}

// about are the members for whom an entry may count.
func about(b ledger.Body) []member.ID {
	switch b := b.(type) {
	case *ledger.Sale:
		return []member.ID{b.Member}
	case *ledger.Return:
		if b.Sale != nil && b.Sale.Member != b.Member { // an exchange
			return []member.ID{b.Member, b.Sale.Member}
		}
		return []member.ID{b.Member}
	case *ledger.ReturnClaim:
		return []member.ID{b.Member}
	case *ledger.CheckIn:
		return []member.ID{b.Member}
	case *ledger.Answer:
		return []member.ID{b.Member}
	}
	return nil
}

// saw keeps that an entry may count. What no open window reaches counts no more.
func (f *follower) saw(who member.ID, s seen) error {
	p := f.Programme()
	if who == 0 || len(p.Tasks)+len(p.Schemes) == 0 {
		return nil
	}
	f.touch(who)
	first := s.Day
	for _, t := range p.Tasks {
		first = min(first, t.Window.From)
	}
	for _, x := range p.Schemes {
		first = min(first, x.Window.From)
	}
	return edit(f.Work, who, func(r *record) {
		if slices.ContainsFunc(r.Seen, func(x seen) bool { return x.Of == s.Of }) {
			return
		}
		r.Seen = append(slices.DeleteFunc(r.Seen, func(x seen) bool { return x.Day < first }), s)
	})
}

// open reads what was sealed. Under another key of HQ's it cannot be read, and says
// nothing.
func (f *follower) open(b []byte) (k member.Known) {
	if plain, err := f.Open(b); err != nil || json.Unmarshal(plain, &k) != nil {
		return member.Known{}
	}
	return k
}

// dayOf is the day of the year that somebody told, or "".
func (f *follower) dayOf(text string) string { return member.Birthday(text, f.Today().Day.Time()) }

// own keeps a member's own birthday, to which they must have agreed (law L17).
func (f *follower) own(who member.ID, b []byte) error {
	var r record
	if err := read(f.Work, key(memberRow, uint64(who)), &r); err != nil || len(b) == 0 || !r.Agreed {
		return err
	}
	day := f.dayOf(f.open(b).Birthday)
	if day == "" {
		return nil
	}
	return told(f.Work, who, day, func(r *record, name uint64) { r.Own = name })
}

// consent keeps what a member agreed to and with it what they told, or forgets it.
func (f *follower) consent(b *ledger.Consent) error {
	switch b.Purpose {
	case ledger.ForBirthday:
		err := edit(f.Work, b.Member, func(r *record) {
			if r.Agreed = !b.Withdrawn; b.Withdrawn {
				r.Own = 0
			}
		})
		if err != nil || b.Withdrawn {
			return err
		}
		return f.own(b.Member, b.Sealed)
	case ledger.ForChild:
		return f.child(b)
	}
	return nil
}

// child keeps a child's birthday, by the word of a guardian alone (law L18).
func (f *follower) child(b *ledger.Consent) error {
	agreed := !b.Withdrawn && b.Guardian != 0
	err := edit(f.Work, b.Member, func(r *record) {
		if r.Guardian = agreed; !agreed {
			r.Children = nil
		}
	})
	day := f.dayOf(f.open(b.Sealed).Child)
	if err != nil || !agreed || day == "" {
		return err
	}
	return told(f.Work, b.Member, day, func(r *record, name uint64) {
		if !slices.Contains(r.Children, name) && len(r.Children) < childrenMax {
			r.Children = append(r.Children, name)
		}
	})
}

// followed are the kinds of HQ's own entries that count for gifts.
var followed = []string{new(office.Heard).Kind(), new(office.Alias).Kind(), new(office.SettleClaim).Kind(), new(office.Approve).Kind()}

// office goes on in HQ's own journal: what members told on its page counts too.
func (f *follower) office() error {
	var at cursor
	k := key(cursorRow, 0)
	if err := read(f.Work, k, &at); err != nil {
		return err
	}
	rows, err := f.Tx.Office(at.Life, at.Seq, atOnce)
	if err != nil || len(rows) == 0 {
		return err
	}
	for _, r := range rows {
		at.Life, at.Seq = r.Epoch, r.Seq
		of := lot.Origin{Incarnation: r.Epoch, Seq: r.Seq}
		if !slices.Contains(followed, r.Kind) { // nor is it in the way if it cannot be read
			continue
		}
		body, err := office.Decode(r.Kind, r.Body)
		if err != nil {
			return fmt.Errorf("entry %s: %w", of, err)
		}
		switch b := body.(type) {
		case *office.Heard:
			if b.What == office.OfSurvey {
				err = f.saw(b.Owner, seen{Of: of, Day: b.Day})
			}
		case *office.Alias: // what both told and did is one member's
			f.touch(b.From)
			f.touch(b.To)
		case *office.SettleClaim:
			if len(b.Lots) > 0 { // perhaps the medal that was missing of a set
				f.touch(b.Owner)
			}
			if b.Granted {
				err = f.settled(b)
			}
		case *office.Approve:
			heard, failed := f.HeardOf(b.Of)
			if err = failed; err == nil {
				err = f.saw(heard.Owner, seen{Of: b.Of, Day: heard.Day})
			}
		}
		if err != nil {
			return err
		}
	}
	return write(f.Work, k, &at)
}

// voiced is what a member told on HQ's page, as a task counts it.
func voiced(w *decision.Work, s seen) (game.Seen, error) {
	heard, err := w.HeardOf(s.Of)
	if err != nil {
		return game.Seen{}, err
	}
	x := game.Seen{Origin: s.Of, At: noon(heard.Day), Voice: heard.What != office.OfSurvey}
	if !x.Voice {
		survey, _, _ := strings.Cut(heard.Subject, ".")
		x.Body = &ledger.Answer{Member: heard.Owner, Survey: survey}
	}
	return x, nil
}
