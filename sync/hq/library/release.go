package library

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/sync/parcel"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Errors of publishing.
var (
	ErrPerson     = people.ErrPerson
	ErrNothingOld = errors.New("there is no document before this one")
	ErrNoStore    = errors.New("no terminal is in that store")
)

// pastMax is how many documents back one can go.
const pastMax = 20

// Names of rows of meta about what persons published: the head that pilot
// stores have, those stores, the heads before the newest one, and whether a
// person published at all.
func pilotMeta(what string) string  { return "document-pilot-" + what }
func storesMeta(what string) string { return "document-pilot-stores-" + what }
func pastMeta(what string) string   { return "document-past-" + what }
func personMeta(what string) string { return "document-person-" + what }

// Release is a document that a person publishes.
type Release struct {
	What, Version string
	Bytes         []byte
	From          time.Time // zero is at once
	Stores        []string  // that have it first; none is all
	Overridden    []string  // rules of fairness that the person let stand
}

// pack is a document's head and its packed form.
func (r *Release) pack() (d ledger.Document, packed string, err error) {
	if len(r.Bytes) > ledger.DocumentBytesMax {
		return d, "", fmt.Errorf("publish %s of %d bytes: more than %d", r.What, len(r.Bytes), ledger.DocumentBytesMax)
	}
	p, err := parcel.Pack(r.Bytes, nil)
	d = ledger.Document{What: r.What, Version: r.Version, Root: parcel.Root(r.Bytes), Size: uint64(len(r.Bytes))}
	if !r.From.IsZero() {
		d.From = r.From.UnixMilli()
	}
	if err == nil {
		_, err = codec.Kept(&d)
	}
	return d, base64.StdEncoding.EncodeToString(p), err
}

// letStand says beside a reason which rules a person let stand: all of them, or as many
// as the journal can keep and that there are more.
func letStand(by decision.By, rules []string) decision.By {
	reason := by.Reason
	for n := len(rules); n > 0; n-- {
		more := ""
		if n < len(rules) {
			more = " …"
		}
		by.Reason = reason + " (let stand: " + strings.Join(rules[:n], " ") + more + ")"
		if people.Named(by) == nil {
			break
		}
	}
	return by
}

// Publish publishes a document by a person's decision, to all stores or to some
// first: then the others keep what they have until it is released to all. From
// then on what the settings name is published no more.
func (r Release) Publish(w *decision.Work, by decision.By) error {
	d, packed, err := r.pack()
	if err = errors.Join(err, people.Named(by), inStores(w.Tx, r.Stores)); err != nil {
		return err
	}
	stores := strings.Join(r.Stores, " ")
	if by = letStand(by, r.Overridden); people.Named(by) != nil { // not even one beside the reason
		return people.Named(by)
	}
	if _, err := w.Enter(&office.Judge{Verdict: office.Published, Document: &d, Stores: stores, By: w.By(by)}); err != nil {
		return err
	}
	if err := w.Tx.PutMeta(bytesMeta(d.Root), packed); err != nil {
		return err
	}
	if stores != "" {
		return errors.Join(w.Tx.PutMeta(pilotMeta(r.What), headText(&d)), w.Tx.PutMeta(storesMeta(r.What), stores), announceAll(w))
	}
	was, err := w.Tx.Meta(headMeta(r.What))
	if err != nil {
		return err
	}
	return errors.Join(remember(w.Tx, r.What, was), toAll(w, r.What, headText(&d)))
}

func inStores(tx book.Tx, stores []string) error {
	terminals, err := tx.Terminals()
	for _, s := range stores {
		if !slices.ContainsFunc(terminals, func(t book.Terminal) bool { return t.Store == s }) {
			return fmt.Errorf("%s: %w", s, ErrNoStore)
		}
	}
	return err
}

func headText(d *ledger.Document) string { return base64.StdEncoding.EncodeToString(codec.Marshal(d)) }

func readHead(text string) (d ledger.Document, err error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		err = codec.Unmarshal(raw, &d)
	}
	return d, err
}

// remember puts a head before those that can be gone back to.
func remember(tx book.Tx, what, head string) error {
	past, err := tx.Meta(pastMeta(what))
	if err != nil || head == "" {
		return err
	}
	all := append([]string{head}, strings.Fields(past)...)
	return tx.PutMeta(pastMeta(what), strings.Join(all[:min(len(all), pastMax)], " "))
}

// toAll makes a head the newest one, and tells all of it.
func toAll(w *decision.Work, what, head string) error {
	return errors.Join(shelve(w.Tx, what, head), announceAll(w))
}

// shelve makes a head the newest one, of which no store has another first.
func shelve(tx book.Tx, what, head string) error {
	return errors.Join(
		tx.PutMeta(headMeta(what), head), tx.PutMeta(pilotMeta(what), ""), tx.PutMeta(storesMeta(what), ""), tx.PutMeta(personMeta(what), "yes"),
	)
}

func announceAll(w *decision.Work) error {
	terminals, err := w.Tx.Terminals()
	for _, t := range terminals {
		err = errors.Join(err, Announce(w, t))
	}
	return err
}

// RollBack takes a document back: from the stores that had it first, or, where
// all have it, in favour of the one before it. It returns what is in force then.
func RollBack(w *decision.Work, what string, by decision.By) (d ledger.Document, err error) {
	if err := people.Named(by); err != nil {
		return d, err
	}
	pilot, err := w.Tx.Meta(pilotMeta(what))
	if err != nil {
		return d, err
	}
	head, err := w.Tx.Meta(headMeta(what))
	if err != nil {
		return d, err
	}
	if pilot == "" {
		past, err := w.Tx.Meta(pastMeta(what))
		if err != nil {
			return d, err
		}
		before := strings.Fields(past)
		if len(before) == 0 {
			return d, ErrNothingOld
		}
		head = before[0]
		if err := w.Tx.PutMeta(pastMeta(what), strings.Join(before[1:], " ")); err != nil {
			return d, err
		}
	}
	if head == "" { // some stores have it first, and before it there was none
		return d, ErrNothingOld
	}
	if d, err = readHead(head); err != nil {
		return d, err
	}
	if _, err := w.Enter(&office.Judge{Verdict: office.TakenBack, Document: &d, By: w.By(by)}); err != nil {
		return d, err
	}
	return d, toAll(w, what, head)
}

// headFor is the head of a kind of document that a terminal is to have.
func headFor(tx book.Tx, what string, t *book.Terminal) (d ledger.Document, ok bool, err error) {
	if what == Deals {
		text, err := tx.Meta(dealsMeta(t.ID))
		if err != nil || text == "" {
			return d, false, err
		}
		d, err = readHead(text)
		return d, err == nil, err
	}
	pilot, err := tx.Meta(pilotMeta(what))
	if err != nil {
		return d, false, err
	}
	stores, err := tx.Meta(storesMeta(what))
	if err == nil && pilot != "" && slices.Contains(strings.Fields(stores), t.Store) {
		d, err = readHead(pilot)
		return d, err == nil, err
	}
	if err != nil {
		return d, false, err
	}
	return newestOf(tx, what)
}

// Adoption is which version a terminal is to have and which it goes by.
type Adoption struct {
	Terminal ledger.TerminalID
	Name     string
	Store    string
	Pilot    bool
	Want     string // version that it was told of
	Has      string // version of its newest entry; "" before its first
	Heard    time.Time
}

// Adopted tells how far a programme has got, terminal by terminal.
func Adopted(b book.Book) (list []Adoption, err error) {
	err = b.View(func(tx book.Tx) error {
		terminals, err := tx.Terminals()
		if err != nil {
			return err
		}
		general, _, err := newestOf(tx, Kinds[0])
		if err != nil {
			return err
		}
		for _, t := range terminals {
			d, _, err := headFor(tx, Kinds[0], &t)
			if err != nil {
				return err
			}
			a := Adoption{Terminal: t.ID, Name: t.Name, Store: t.Store, Want: d.Version, Pilot: d.Root != general.Root, Heard: t.Heard}
			if a.Has, err = GoesBy(tx, t.ID); err != nil {
				return err
			}
			list = append(list, a)
		}
		return nil
	})
	return list, err
}

// GoesBy is the version that stands in a terminal's newest entry.
func GoesBy(tx book.Tx, id ledger.TerminalID) (string, error) {
	heads, err := tx.Streams(id)
	if err != nil || len(heads) == 0 {
		return "", err
	}
	last := heads[len(heads)-1]
	entry, err := tx.Entry(id, last.Incarnation, last.Seq)
	if err != nil {
		return "", err
	}
	e, err := ledger.Decode(entry.Raw)
	if errors.Is(err, ledger.ErrUnknownKind) {
		err = nil
	}
	return e.Programme, err
}

// Published is the newest document of a kind that all stores have; byPerson
// says that a person published it, so that the settings' own counts no more.
func Published(b book.Book, what string) (document []byte, byPerson bool, err error) {
	err = b.View(func(tx book.Tx) error {
		d, ok, err := newestOf(tx, what)
		if err != nil || !ok {
			return err
		}
		person, err := tx.Meta(personMeta(what))
		if err != nil {
			return err
		}
		byPerson = person != ""
		document, _, err = stored(tx, d.Root)
		return err
	})
	return document, byPerson, err
}
