// Package decision is what HQ decides: each decision is taken on the book as it
// stands, written as entries of HQ's own journal, and told to the terminals it
// concerns, all in the one transaction that a Work is. It gives nothing that HQ
// does not hold, waits for nothing, and commits nothing by itself.
package decision

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/grant"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/signer"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/guard"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// By says who decided something and why.
type By struct {
	Actor  string
	Reason string // a word of the catalogue
}

// ByPolicy is the author of what no person decided.
func ByPolicy(reason string) By { return By{office.Policy, reason} }

// Terms are what HQ decides by.
type Terms struct {
	Programme *programme.Programme // in force
	Rules     func(tx book.Tx, version string) (*programme.Programme, error)
	Keys      *signer.Signer
	Epoch     uint64
	Now       func() time.Time
	Papers    func(w *Work, of lot.Origin, b ledger.Body) (bool, error) // settles what receipts and vouchers claim
	Told      func(tx book.Tx, d ledger.Down) error                     // remembers what an entry that HQ had forgotten told a terminal
	Judged    func(w *Work, b *office.Judge) error                      // does again what was decided of a document
	News      func(ledger.TerminalID)                                   // something was written for a terminal
	Unguarded guard.Off                                                 // set by the simulation only, and Loosen for it
	Loosen    func(ledger.TerminalID, ledger.DownSeq, []byte)
	// Logged says that there is a grant log, and Kept how far it goes: records
	// up to that number are forgotten here.
	Logged bool
	Kept   func() uint64
}

// Work is one transaction in which HQ decides something.
type Work struct {
	Tx      book.Tx
	Desk    *office.Desk
	o       *Terms
	touched []member.ID // whose ruling may have changed
	granted *grant.Reached
	awaits  *bool
	early   bool
	states  map[ledger.TerminalID]*fold.State
	waits   *bool
	quiet   []member.ID // of whose lots a holder has just said what it keeps: not asked for again at once
}

// Epoch is HQ's life.
func (w *Work) Epoch() uint64 { return w.o.Epoch }

// Wall is HQ's time, in Unix milliseconds.
func (w *Work) Wall() int64 { return w.o.Now().UnixMilli() }

// Begin starts to decide in a transaction; End must be called before it is
// committed.
func Begin(tx book.Tx, o *Terms) *Work {
	return &Work{Tx: tx, Desk: office.NewDesk(tx.Desk()), o: o}
}

// Programme is what is in force.
func (w *Work) Programme() *programme.Programme { return w.o.Programme }

// Rules are those of a version, nil where HQ has it no more.
func (w *Work) Rules(version string) (*programme.Programme, error) {
	return w.o.Rules(w.Tx, version)
}

// Today is the business day at HQ.
func (w *Work) Today() lot.Today {
	return lot.Today{Day: w.o.Programme.Day(w.o.Now()), Trusted: true}
}

// Quiet lets nothing be asked for of somebody's lots in this transaction: a holder
// has just said what it keeps. Of two holders, each answer would else be a question
// to the other one, without end.
func (w *Work) Quiet(who member.ID) { w.quiet = append(w.quiet, who) }

// End tells the terminals what has changed and writes the desk.
func (w *Work) End() error {
	for _, id := range w.touched {
		if err := w.tell(id); err != nil {
			return err
		}
	}
	if err := w.keepGrants(); err != nil {
		return err
	}
	return w.Desk.Flush(w.Tx.PutDesk)
}

func (w *Work) Touch(id member.ID) {
	if id != 0 && !slices.Contains(w.touched, id) {
		w.touched = append(w.touched, id)
	}
}

func (w *Work) By(b By) office.By {
	return office.By{Day: w.Today().Day, Actor: b.Actor, Reason: b.Reason}
}

// Enter writes an entry of HQ's own journal and does what it says.
func (w *Work) Enter(b office.Body) (lot.Origin, error) {
	wall := w.Wall()
	body, err := codec.Kept(b)
	if err != nil {
		return lot.Origin{}, fmt.Errorf("%q in HQ's own journal: %w", b.Kind(), err)
	}
	seq, err := w.Tx.AppendOffice(w.o.Epoch, wall, b.Kind(), body)
	if err != nil {
		return lot.Origin{}, err
	}
	at := lot.Origin{Incarnation: w.o.Epoch, Seq: seq}
	m := b.Moves(at)
	for _, l := range m.Lots {
		if err := w.Tx.PutLot(l); err != nil {
			return at, err
		}
	}
	if err := w.Post(m.Posts); err != nil {
		return at, err
	}
	if w.o.Logged {
		e := &grant.Entered{Epoch: w.o.Epoch, Seq: seq, Wall: wall, Kind: b.Kind(), Body: body}
		if e.Lots, err = w.named(m); err != nil {
			return at, err
		}
		if err := w.grant(grant.Record{Entry: e}); err != nil {
			return at, err
		}
	}
	return at, w.Desk.Enter(at, b)
}

// Send adds an entry to the journal for a terminal. To one that has not said yet
// what HQ told it before HQ was restored, it waits.
func (w *Work) Send(id ledger.TerminalID, d ledger.Down) (ledger.DownSeq, error) {
	if gone, err := w.Gone(id); err != nil || gone {
		return 0, err
	}
	if lost, err := w.Lost(id); err != nil || lost {
		if err == nil {
			err = w.Desk.Hold(id, d)
		}
		return 0, err
	}
	t, err := w.Tx.Terminal(id)
	if err != nil {
		return 0, err
	}
	key, next, err := w.o.Keys.Next(w.Tx, id)
	if err != nil {
		return 0, err
	}
	if next != nil && d.Key == nil { // first it hears of HQ's next key
		if _, err := w.Send(id, ledger.Down{Key: next}); err != nil {
			return 0, err
		}
		return w.Send(id, d)
	}
	t.DownSeq++
	d.Terminal, d.Epoch, d.Seq, d.Wall = id, w.o.Epoch, t.DownSeq, w.Wall()
	raw := ledger.SignDown(d, key)
	if _, err := ledger.OpenDown(raw, nil); err != nil {
		return 0, fmt.Errorf("entry %d for %s: %w: %v", d.Seq, id, codec.ErrUnreadable, err)
	}
	if err := errors.Join(w.Tx.AppendDown(id, t.DownSeq, raw), w.o.Keys.Turned(w.Tx, d)); err != nil {
		return 0, err
	}
	if w.o.Logged {
		if err := w.grant(grant.Record{Down: &grant.Sent{Terminal: id, Seq: t.DownSeq, Raw: raw}}); err != nil {
			return 0, err
		}
	}
	w.o.News(id)
	w.o.Loosen(id, t.DownSeq, raw)
	return t.DownSeq, w.Tx.PutTerminal(t)
}

// Open reads what a till sealed for HQ; Hide is a name from which nobody tells a
// text.
func (w *Work) Open(b []byte) ([]byte, error) { return w.o.Keys.Unseal(b) }
func (w *Work) Hide(text string) uint64       { return w.o.Keys.Hide(text) }

// Owned lists the accounts of all lots of a member, under all their ids.
func (w *Work) Owned(id member.ID) ([]book.Account, error) { return ofAll(w, id, w.Tx.Owned) }

// OwnedOf lists those of some assets, or of classes of them.
func (w *Work) OwnedOf(id member.ID, assets ...lot.Asset) (out []book.Account, err error) {
	for _, asset := range assets {
		some, failed := ofAll(w, id, func(p member.ID) ([]book.Account, error) { return w.Tx.OwnedOf(p, asset) })
		out, err = append(out, some...), errors.Join(err, failed)
	}
	return out, err
}

// Held lists those that HQ or a terminal holds, or that are on their way.
func (w *Work) Held(id member.ID) ([]book.Account, error) { return ofAll(w, id, w.Tx.Held) }

// Free lists what HQ itself holds of a member's rights, under all their ids.
func (w *Work) Free(id member.ID) ([]lot.Holding, error) { return ofAll(w, id, w.Tx.Free) }

// ofAll lists something of all of a member's ids.
func ofAll[T any](w *Work, id member.ID, list func(member.ID) ([]T, error)) (out []T, err error) {
	persons, err := w.Desk.Persons(id)
	if err != nil {
		return nil, err
	}
	for _, p := range persons {
		some, err := list(p)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// Alarm notes something for a person.
func (w *Work) Alarm(id ledger.TerminalID, code, detail string) error {
	return w.Tx.AddAlarm(book.Alarm{At: w.o.Now(), Terminal: id, Code: code, Detail: detail})
}

// Meet notes that a terminal has to do with a member. At first sight it is
// told who the member is and how they stand.
func (w *Work) Meet(id member.ID, t ledger.TerminalID) error {
	if id == 0 {
		return nil
	}
	news, err := w.Desk.See(id, t)
	if err != nil || !news {
		return err
	}
	persons, err := w.Desk.Persons(id)
	if err != nil {
		return err
	}
	for _, from := range persons[1:] {
		if err := w.tellAlias(t, ledger.Alias{From: from, To: persons[0]}); err != nil {
			return err
		}
	}
	said, err := w.Desk.Said(persons[0])
	if err != nil || len(said) == 0 {
		return err
	}
	var ruling ledger.Ruling
	if err := codec.Unmarshal(slices.Clone(said), &ruling); err != nil {
		return fmt.Errorf("ruling of %s: %w: %w", id, office.ErrRecord, err)
	}
	if _, err = w.Send(t, ledger.Down{Ruling: &ruling}); err != nil {
		return err
	}
	return w.meetHousehold(&ruling, t)
}

// meetHousehold lets a terminal know whose points a member may spend.
func (w *Work) meetHousehold(ruling *ledger.Ruling, t ledger.TerminalID) error {
	for _, r := range ruling.Household {
		if err := w.Meet(r.Member, t); err != nil {
			return err
		}
	}
	return nil
}

// tell tells the terminals that have to do with a member how they stand, if
// that is not what they were told last.
func (w *Work) tell(id member.ID) error {
	ruling, err := w.Desk.Ruling(id)
	if err != nil {
		return err
	}
	who := ruling.Member
	said, err := w.Desk.Said(who)
	if err != nil {
		return err
	}
	bare := ruling.Tier == "" && ruling.Grade == "" && !ruling.Blocked && len(ruling.Owed)+len(ruling.Household)+len(ruling.Lasts)+len(ruling.Gifts) == 0
	now := codec.Marshal(&ruling)
	if string(now) == string(said) || bare && len(said) == 0 {
		return nil
	}
	return w.Say(ruling)
}

// Say tells the terminals that have to do with a member how they stand.
func (w *Work) Say(ruling ledger.Ruling) error {
	who := ruling.Member
	if err := w.Desk.Say(who, codec.Marshal(&ruling)); err != nil {
		return err
	}
	terminals, err := w.Desk.SeenBy(who)
	if err != nil {
		return err
	}
	for _, t := range terminals {
		if _, err := w.Send(t, ledger.Down{Ruling: &ruling}); err != nil {
			return err
		}
		if err := w.meetHousehold(&ruling, t); err != nil {
			return err
		}
	}
	return nil
}

// OpenedMeta names the entry that brought a member's earlier points in.
func OpenedMeta(id member.ID) string { return "opened-" + id.String() }
