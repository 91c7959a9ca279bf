package decision

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/grant"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// What a book that went back to an earlier state needs until it has caught up:
// the grants that the log must have, what is awaited at places that were drawn
// on before it was heard again how anything came there, and which terminals
// have not said yet what HQ once told them.

// The names of single values in the book. An absent one is as good as "".
const (
	GrantedMeta = "granted" // number and sum of the newest grant
	AwaitsMeta  = "awaits"  // something may be awaited at a place
	lostMeta    = "lost-"   // and the terminal: what HQ told it is not known whole
	waitsMeta   = "waits"   // some terminal is unheard
)

const unheardAtOnce = 4000 // terminals in one entry

// What is said of a lost terminal.
const (
	lostUnheard  = "unheard"
	lostAccepted = "accepted" // a person takes what that may cost
)

// Granted is how far the grants of a book go.
func Granted(tx book.Tx) (g grant.Reached, err error) {
	s, err := tx.Meta(GrantedMeta)
	if err != nil || s == "" {
		return g, err
	}
	number, sum, _ := strings.Cut(s, " ")
	if g.N, err = strconv.ParseUint(number, 10, 64); err != nil {
		return g, fmt.Errorf("grants of the book: %w", err)
	}
	b, err := hex.DecodeString(sum)
	if err != nil || len(b) != len(g.Sum) {
		return g, fmt.Errorf("grants of the book: %q: %w", s, errMeta)
	}
	copy(g.Sum[:], b)
	return g, nil
}

var errMeta = errors.New("value of the book is not readable")

// PutGranted says how far the grants of a book go.
func PutGranted(tx book.Tx, g grant.Reached) error {
	return tx.PutMeta(GrantedMeta, fmt.Sprintf("%d %x", g.N, g.Sum))
}

// grant keeps a record for the log.
func (w *Work) grant(r grant.Record) error {
	if w.granted == nil {
		g, err := Granted(w.Tx)
		if err != nil {
			return err
		}
		w.granted = &g
	}
	raw, next, err := w.granted.Next(r)
	if err != nil {
		return err
	}
	*w.granted = next
	return w.Tx.PutGrant(next.N, raw)
}

// keepGrants says how far the grants go now, and forgets those that are safe.
func (w *Work) keepGrants() error {
	if w.granted == nil {
		return nil
	}
	if err := PutGranted(w.Tx, *w.granted); err != nil {
		return err
	}
	return w.Tx.DropGrants(w.o.Kept())
}

// named are the lots that moves are about, as a book needs them that has never
// heard of them.
func (w *Work) named(m office.Moves) ([]lot.Lot, error) {
	out := slices.Clone(m.Lots)
	for _, p := range m.Posts {
		if slices.ContainsFunc(out, func(l lot.Lot) bool { return l.ID == p.Lot }) {
			continue
		}
		l, err := w.Tx.Lot(p.Lot)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// Post adds amounts to accounts. While something is awaited, what comes to a
// place goes there first; what a place does not have yet is awaited there only
// where Early said so.
func (w *Work) Post(posts []book.Post) error {
	if w.awaits == nil {
		s, err := w.Tx.Meta(AwaitsMeta)
		if err != nil {
			return err
		}
		is := s != ""
		w.awaits = &is
	}
	if !*w.awaits {
		return w.Tx.Post(posts)
	}
	var order []book.Post
	for _, p := range posts {
		at := slices.IndexFunc(order, func(o book.Post) bool { return o.Lot == p.Lot && o.Place == p.Place })
		if at < 0 {
			order = append(order, p)
			continue
		}
		order[at].Amount += p.Amount
	}
	var out []book.Post
	for _, p := range order {
		split, err := w.split(p)
		if err != nil {
			return err
		}
		out = append(out, split...)
	}
	return w.Tx.Post(out)
}

// split divides a posting between a place and what is awaited there.
func (w *Work) split(p book.Post) ([]book.Post, error) {
	if p.Place.Kind.MayOwe() || p.Amount == 0 {
		return []book.Post{p}, nil
	}
	accounts, err := w.Tx.AccountsOf(p.Lot)
	if err != nil {
		return nil, err
	}
	stands := p.Place
	stands.Kind = p.Place.Kind.Awaited()
	var there, owed lot.Amount
	for _, a := range accounts {
		switch a.Place {
		case p.Place:
			there = a.Amount
		case stands:
			owed = -a.Amount
		}
	}
	rest := p
	switch {
	case p.Amount > 0:
		part := min(p.Amount, owed)
		rest.Amount -= part
		return []book.Post{{Lot: p.Lot, Place: stands, Amount: part}, rest}, nil
	case there+p.Amount < 0 && w.early:
		part := -(there + p.Amount)
		rest.Amount += part
		return []book.Post{{Lot: p.Lot, Place: stands, Amount: -part}, rest}, nil
	}
	return []book.Post{p}, nil
}

// Early lets what is entered draw on what was not heard again yet: HQ was
// restored from a backup.
func (w *Work) Early() error {
	yes := true
	w.early, w.awaits = true, &yes
	w.Desk.Early()
	return w.Tx.PutMeta(AwaitsMeta, "yes")
}

// Lost reports whether HQ has forgotten what it told a terminal, and has not
// heard it back.
func (w *Work) Lost(id ledger.TerminalID) (bool, error) {
	s, err := w.Tx.Meta(lostMeta + id.String())
	return s != "", err
}

// Lose marks terminals as such that HQ must hear before it tells them anything, and
// before it gives anything unless a person has ended the terminal.
func (w *Work) Lose(list ...ledger.TerminalID) error {
	if len(list) == 0 {
		return nil
	}
	for _, id := range list {
		gone, err := w.Gone(id)
		if err != nil {
			return err
		}
		state := lostUnheard
		if gone {
			state = lostAccepted
		}
		if err := w.Tx.PutMeta(lostMeta+id.String(), state); err != nil {
			return err
		}
	}
	return w.waitsNow()
}

// Begin begins a life of HQ: every terminal is shown the new epoch, at once or,
// where something may have been forgotten that it was told, once it is heard. That
// a board enrolled as a terminal may have been forgotten as well.
func (w *Work) Begin(forgotten bool) error {
	terminals, err := w.Tx.Terminals()
	if err != nil {
		return err
	}
	var unheard []ledger.TerminalID
	for _, t := range terminals {
		if forgotten {
			unheard = append(unheard, t.ID)
		}
	}
	for first := true; first || len(unheard) > 0; first = false {
		n := min(len(unheard), unheardAtOnce)
		if _, err := w.Enter(&office.Restored{Unheard: unheard[:n], By: w.By(ByPolicy("restored"))}); err != nil {
			return err
		}
		if err := w.Lose(unheard[:n]...); err != nil {
			return err
		}
		unheard = unheard[n:]
	}
	for _, t := range terminals {
		if forgotten || t.Key == nil {
			continue
		}
		if _, err := w.Send(t.ID, ledger.Down{}); err != nil {
			return err
		}
	}
	return nil
}

// AcceptLost lets HQ give although a terminal has not been heard.
func (w *Work) AcceptLost(id ledger.TerminalID, by By) error {
	if lost, err := w.Lost(id); err != nil || !lost {
		return err
	}
	waited, err := w.Waits()
	if err != nil {
		return err
	}
	if _, err := w.Enter(&office.Restored{Accepted: id, By: w.By(by)}); err != nil {
		return err
	}
	if err := w.accept(id); err != nil {
		return err
	}
	return w.goOn(waited)
}

func (w *Work) accept(id ledger.TerminalID) error {
	if err := w.Tx.PutMeta(lostMeta+id.String(), lostAccepted); err != nil {
		return err
	}
	return w.waitsNow()
}

// Waits reports whether HQ must hear a terminal before it gives, and before it
// decides by itself over what it seems to hold.
func (w *Work) Waits() (bool, error) {
	if w.waits != nil {
		return *w.waits, nil
	}
	s, err := w.Tx.Meta(waitsMeta)
	if waits := s != ""; err == nil {
		w.waits = &waits
	}
	return s != "", err
}

// waitsNow works out whether anybody is waited for.
func (w *Work) waitsNow() error {
	w.waits = nil
	unheard, err := w.Unheard()
	if err != nil {
		return err
	}
	if len(unheard) == 0 {
		return w.Tx.PutMeta(waitsMeta, "")
	}
	return w.Tx.PutMeta(waitsMeta, "yes")
}

// Found ends that: what waits for the terminal is sent, after an entry that
// shows it HQ's new epoch.
func (w *Work) Found(id ledger.TerminalID) error {
	waited, err := w.Waits()
	if err != nil {
		return err
	}
	if err := w.Tx.PutMeta(lostMeta+id.String(), ""); err != nil {
		return err
	}
	if err := w.waitsNow(); err != nil {
		return err
	}
	if _, err := w.Send(id, ledger.Down{}); err != nil {
		return err
	}
	waiting, err := w.Desk.Release(id)
	if err != nil {
		return err
	}
	for _, d := range waiting {
		if d.Alias != nil {
			err = w.tellAlias(id, *d.Alias)
		} else {
			_, err = w.Send(id, d)
		}
		if err != nil {
			return err
		}
	}
	return w.goOn(waited)
}

// Unheard are the terminals that may hold what HQ has forgotten that it gave.
func (w *Work) Unheard() ([]ledger.TerminalID, error) {
	terminals, err := w.Tx.Terminals()
	if err != nil {
		return nil, err
	}
	var out []ledger.TerminalID
	for _, t := range terminals {
		lost, err := w.Tx.Meta(lostMeta + t.ID.String())
		if err != nil {
			return nil, err
		}
		if lost == lostUnheard {
			out = append(out, t.ID)
		}
	}
	return out, nil
}

// goOn does what had to wait until all were heard, when the last one was.
func (w *Work) goOn(waited bool) error {
	if waits, err := w.Waits(); err != nil || waits || !waited {
		return err
	}
	return errors.Join(w.Retry(AllClaims), w.CollectAll())
}

// CollectAll settles what is due of anybody's lots, as far as it can be settled
// now: it may have become due while HQ waited.
func (w *Work) CollectAll() error {
	keys, _, err := w.Tx.DeskRows(office.PersonRows)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := w.Collect(office.PersonOf(key)); err != nil {
			return err
		}
	}
	return nil
}
