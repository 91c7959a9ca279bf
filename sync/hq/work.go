package hq

import (
	"fmt"
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// By says who decided something and why.
type By struct {
	Actor  string
	Reason string // a word of the catalogue
}

// byPolicy is the author of what no person decided.
func byPolicy(reason string) By { return By{office.Policy, reason} }

// work is one transaction in which HQ decides something.
type work struct {
	*HQ
	tx      book.Tx
	desk    *office.Desk
	touched []member.ID // whose ruling may have changed
	quiet   []lot.ID    // just asked for and not given back: not asked for again at once
}

// decide runs fn in one transaction; what terminals must be told of a member's
// ruling goes out with it.
func (h *HQ) decide(fn func(w *work) error) error {
	err := h.o.Book.Update(func(tx book.Tx) error {
		w := h.begin(tx)
		if err := fn(w); err != nil {
			return err
		}
		return w.end()
	})
	if err == nil {
		h.changed()
	}
	return err
}

func (h *HQ) begin(tx book.Tx) *work { return &work{HQ: h, tx: tx, desk: office.NewDesk(tx.Desk())} }

// end tells the terminals what has changed and writes the desk.
func (w *work) end() error {
	for _, id := range w.touched {
		if err := w.tell(id); err != nil {
			return err
		}
	}
	return w.desk.Flush(w.tx.PutDesk)
}

func (w *work) touch(id member.ID) {
	if id != 0 && !slices.Contains(w.touched, id) {
		w.touched = append(w.touched, id)
	}
}

func (w *work) by(b By) office.By {
	return office.By{Day: w.today().Day, Actor: b.Actor, Reason: b.Reason}
}

// enter writes an entry of HQ's own journal and does what it says.
func (w *work) enter(b office.Body) (lot.Origin, error) {
	seq, err := w.tx.AppendOffice(w.epoch, w.o.Now().UnixMilli(), b.Kind(), codec.Marshal(b))
	if err != nil {
		return lot.Origin{}, err
	}
	at := lot.Origin{Incarnation: w.epoch, Seq: seq}
	m := b.Moves(at)
	for _, l := range m.Lots {
		if err := w.tx.PutLot(l); err != nil {
			return at, err
		}
	}
	if err := w.tx.Post(m.Posts); err != nil {
		return at, err
	}
	return at, w.desk.Enter(at, b)
}

// send adds an entry to the journal for a terminal.
func (w *work) send(id ledger.TerminalID, d ledger.Down) (ledger.DownSeq, error) {
	t, err := w.tx.Terminal(id)
	if err != nil {
		return 0, err
	}
	t.DownSeq++
	d.Terminal, d.Epoch, d.Seq, d.Wall = id, w.epoch, t.DownSeq, w.o.Now().UnixMilli()
	raw := ledger.SignDown(d, w.o.Key)
	if err := w.tx.AppendDown(id, t.DownSeq, raw); err != nil {
		return 0, err
	}
	w.hasNews(id)
	w.loosen(id, t.DownSeq, raw)
	return t.DownSeq, w.tx.PutTerminal(t)
}

// hasNews remembers that something waits for a terminal. A transaction that is
// then given up leaves a word too many, which costs one look.
func (h *HQ) hasNews(id ledger.TerminalID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting[id] = true
}

// News lists the terminals for which something was written since it was asked
// last, in order.
func (h *HQ) News() []ledger.TerminalID {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := slices.Sorted(maps.Keys(h.waiting))
	clear(h.waiting)
	return list
}

// owned lists the accounts of all lots of a member, under all their ids.
func (w *work) owned(id member.ID) ([]book.Account, error) {
	persons, err := w.desk.Persons(id)
	if err != nil {
		return nil, err
	}
	var out []book.Account
	for _, p := range persons {
		list, err := w.tx.Owned(p)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// free lists what HQ itself holds of a member's rights, under all their ids.
func (w *work) free(id member.ID) ([]lot.Holding, error) {
	persons, err := w.desk.Persons(id)
	if err != nil {
		return nil, err
	}
	var out []lot.Holding
	for _, p := range persons {
		list, err := w.tx.Free(p)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// alarm notes something for a person.
func (w *work) alarm(id ledger.TerminalID, code, detail string) error {
	return w.tx.AddAlarm(book.Alarm{At: w.o.Now(), Terminal: id, Code: code, Detail: detail})
}

// meet notes that a terminal has to do with a member. At first sight it is
// told who the member is and how they stand.
func (w *work) meet(id member.ID, t ledger.TerminalID) error {
	if id == 0 {
		return nil
	}
	news, err := w.desk.See(id, t)
	if err != nil || !news {
		return err
	}
	persons, err := w.desk.Persons(id)
	if err != nil {
		return err
	}
	for _, from := range persons[1:] {
		if _, err := w.send(t, ledger.Down{Alias: &ledger.Alias{From: from, To: persons[0]}}); err != nil {
			return err
		}
	}
	said, err := w.desk.Said(persons[0])
	if err != nil || len(said) == 0 {
		return err
	}
	var ruling ledger.Ruling
	if err := codec.Unmarshal(slices.Clone(said), &ruling); err != nil {
		return fmt.Errorf("ruling of %s: %w", id, err)
	}
	_, err = w.send(t, ledger.Down{Ruling: &ruling})
	return err
}

// tell tells the terminals that have to do with a member how they stand, if
// that is not what they were told last.
func (w *work) tell(id member.ID) error {
	ruling, err := w.desk.Ruling(id)
	if err != nil {
		return err
	}
	who := ruling.Member
	said, err := w.desk.Said(who)
	if err != nil {
		return err
	}
	bare := ruling.Tier == "" && !ruling.Blocked && len(ruling.Owed) == 0
	now := codec.Marshal(&ruling)
	if string(now) == string(said) || bare && len(said) == 0 {
		return nil
	}
	return w.say(ruling)
}

// say tells the terminals that have to do with a member how they stand.
func (w *work) say(ruling ledger.Ruling) error {
	who := ruling.Member
	if err := w.desk.Say(who, codec.Marshal(&ruling)); err != nil {
		return err
	}
	terminals, err := w.desk.SeenBy(who)
	if err != nil {
		return err
	}
	for _, t := range terminals {
		if _, err := w.send(t, ledger.Down{Ruling: &ruling}); err != nil {
			return err
		}
	}
	return nil
}
