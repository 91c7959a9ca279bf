package shelf

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// tx is one transaction, on an image of its own.
type tx struct {
	img    *Image
	writes bool
	fault  func(Moment) error
	failed error
}

func (t *tx) at(m Moment) error {
	if t.fault == nil {
		return nil
	}
	return t.fault(m)
}

// may is asked before every statement that writes.
func (t *tx) may() error {
	if !t.writes {
		return errView
	}
	if err := t.at(Statement); err != nil {
		return t.fail("%w", err)
	}
	return t.failed
}

// fail refuses the whole transaction, whatever becomes of the error.
func (t *tx) fail(format string, args ...any) error {
	t.failed = fmt.Errorf(format, args...)
	return t.failed
}

func (t *tx) Meta(name string) (string, error) {
	v, _ := t.img.meta.Get(name)
	return v, nil
}

func (t *tx) PutMeta(name, value string) error {
	if err := t.may(); err != nil {
		return err
	}
	t.img.meta.Set(name, value)
	return nil
}

func (t *tx) Terminals() (list []book.Terminal, err error) {
	t.img.terminals.Scan(func(_ ledger.TerminalID, row *book.Terminal) bool {
		list = append(list, *row)
		return true
	})
	return list, nil
}

func (t *tx) Terminal(id ledger.TerminalID) (book.Terminal, error) {
	row, ok := t.img.terminals.Get(id)
	if !ok {
		return book.Terminal{}, fmt.Errorf("terminal %s: %w", id, book.ErrNotFound)
	}
	return *row, nil
}

func (t *tx) PutTerminal(row book.Terminal) error {
	if err := t.may(); err != nil {
		return err
	}
	t.img.terminals.Set(row.ID, &row)
	return nil
}

func (t *tx) AppendEntries(id ledger.TerminalID, entries []book.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if err := t.may(); err != nil {
		return err
	}
	i := entries[0].Head.Incarnation
	streams := slices.Clone(t.img.Streams(id))
	n := slices.IndexFunc(streams, func(h ledger.Head) bool { return h.Incarnation == i })
	if n < 0 {
		n, streams = len(streams), append(streams, ledger.Head{Incarnation: i})
	}
	for _, e := range entries {
		if e.Head.Incarnation != i || e.Head.Seq != streams[n].Seq+1 {
			return t.fail("entry %s after %s: %w", e.Head, streams[n], errOrder)
		}
		streams[n] = e.Head
		e.Raw = bytes.Clone(e.Raw)
		t.img.entries.Set(entryKey(id, i, e.Head.Seq), &e)
	}
	t.img.streams.Set(id, streams)
	return nil
}

func (t *tx) Entry(id ledger.TerminalID, i ledger.Incarnation, seq ledger.Seq) (book.Entry, error) {
	e := t.img.Entry(id, i, seq)
	if e == nil {
		return book.Entry{}, fmt.Errorf("entry %s: %w", ledger.Origin(id, i, seq), book.ErrNotFound)
	}
	return *e, nil
}

func (t *tx) Entries(id ledger.TerminalID, i ledger.Incarnation, after ledger.Seq, limit int) (list []book.Entry, err error) {
	for seq := after + 1; len(list) < limit; seq++ {
		e := t.img.Entry(id, i, seq)
		if e == nil {
			break
		}
		list = append(list, *e)
	}
	return list, nil
}

func (t *tx) Streams(id ledger.TerminalID) ([]ledger.Head, error) {
	return slices.Clone(t.img.Streams(id)), nil
}

func (t *tx) Recent(limit int) (list []book.Entry, err error) {
	t.img.entries.Scan(func(_ string, e *book.Entry) bool {
		list = append(list, *e)
		return true
	})
	slices.SortStableFunc(list, func(a, b book.Entry) int { return int(min(max(b.Received-a.Received, -1), 1)) })
	return list[:min(len(list), limit)], nil
}

// table is the state of one terminal, or the desk.
type table func(key []byte) []byte

// Get returns the record under a key, which nobody changes, or nil.
func (get table) Get(key []byte) ([]byte, error) { return get(key), nil }

func (t *tx) State(id ledger.TerminalID) fold.Table {
	prefix := terminalKey(id)
	return table(func(key []byte) []byte {
		v, _ := t.img.state.Get(prefix + string(key))
		return v
	})
}

func (t *tx) PutState(id ledger.TerminalID, key, value []byte) error {
	if err := t.may(); err != nil {
		return err
	}
	t.img.state.Set(terminalKey(id)+string(key), append([]byte{}, value...))
	return nil
}

func (t *tx) StateRows(id ledger.TerminalID) (keys, values [][]byte, err error) {
	t.img.StateRows(id, func(key string, value []byte) bool {
		keys, values = append(keys, []byte(key)), append(values, bytes.Clone(value))
		return true
	})
	return keys, values, nil
}

func (t *tx) AppendDown(id ledger.TerminalID, seq ledger.DownSeq, raw []byte) error {
	if err := t.may(); err != nil {
		return err
	}
	if newest := t.img.Down(id); seq != newest+1 {
		return t.fail("entry %d for %s after %d: %w", seq, id, newest, errOrder)
	}
	t.img.down.Set(downKey(id, seq), append([]byte{}, raw...))
	t.img.downs.Set(id, seq)
	return nil
}

func (t *tx) Down(id ledger.TerminalID, after ledger.DownSeq, limit int) (list [][]byte, err error) {
	for seq := after + 1; len(list) < limit; seq++ {
		raw, ok := t.img.down.Get(downKey(id, seq))
		if !ok {
			break
		}
		list = append(list, raw)
	}
	return list, nil
}

func (t *tx) AppendOffice(epoch uint64, wall int64, kind string, body []byte) (uint64, error) {
	if err := t.may(); err != nil {
		return 0, err
	}
	newest, _ := t.img.offices.Get(epoch)
	newest++
	t.img.offices.Set(epoch, newest)
	t.img.office.Set(officeKey(epoch, newest), &book.OfficeEntry{Epoch: epoch, Seq: newest, Wall: wall, Kind: kind, Body: bytes.Clone(body)})
	return newest, nil
}

func (t *tx) Office(epoch, after uint64, limit int) (list []book.OfficeEntry, err error) {
	t.img.office.Ascend(officeKey(epoch, after+1), func(_ string, e *book.OfficeEntry) bool {
		if len(list) < limit {
			list = append(list, *e)
		}
		return len(list) < limit
	})
	return list, nil
}

func (t *tx) Desk() fold.Table {
	return table(func(key []byte) []byte {
		v, _ := t.img.desk.Get(string(key))
		return v
	})
}

func (t *tx) DeskAhead([][]byte) error { return nil }

func (t *tx) PutDesk(key, value []byte) error {
	if err := t.may(); err != nil {
		return err
	}
	t.img.desk.Set(string(key), append([]byte{}, value...))
	return nil
}

func (t *tx) DeskRows(prefix []byte) (keys, values [][]byte, err error) {
	t.img.desk.Ascend(string(prefix), func(key string, value []byte) bool {
		if !strings.HasPrefix(key, string(prefix)) {
			return false
		}
		keys, values = append(keys, []byte(key)), append(values, value)
		return true
	})
	return keys, values, nil
}

func (t *tx) PutGrant(n uint64, raw []byte) error {
	if err := t.may(); err != nil {
		return err
	}
	if _, there := t.img.grants.Get(n); there {
		return t.fail("grant %d: %w", n, errOrder)
	}
	t.img.grants.Set(n, append([]byte{}, raw...))
	return nil
}

func (t *tx) Grants(after uint64, limit int) (list []book.Grant, err error) {
	t.img.grants.Ascend(after+1, func(n uint64, raw []byte) bool {
		if len(list) < limit {
			list = append(list, book.Grant{N: n, Raw: raw})
		}
		return len(list) < limit
	})
	return list, nil
}

func (t *tx) DropGrants(upTo uint64) error {
	if err := t.may(); err != nil {
		return err
	}
	for {
		n, _, ok := t.img.grants.Min()
		if !ok || n > upTo {
			return nil
		}
		t.img.grants.Delete(n)
	}
}

func (t *tx) AddAlarm(a book.Alarm) error {
	if err := t.may(); err != nil {
		return err
	}
	t.img.alarms.Set(uint64(t.img.alarms.Len()), a)
	return nil
}

func (t *tx) Alarms(limit int) (list []book.Alarm, err error) {
	t.img.alarms.Reverse(func(_ uint64, a book.Alarm) bool {
		list = append(list, a)
		return true
	})
	slices.SortStableFunc(list, func(a, b book.Alarm) int { return b.At.Compare(a.At) })
	return list[:min(len(list), limit)], nil
}

func (t *tx) Quarantine(id ledger.TerminalID, wall int64, why string, raw []byte) error {
	if err := t.may(); err != nil {
		return err
	}
	number := int64(1)
	t.img.refused.Scan(func(_ uint64, r book.Refusal) bool {
		if r.Terminal == id {
			number++
		}
		return true
	})
	t.img.refused.Set(uint64(t.img.refused.Len()), book.Refusal{
		Terminal: id, Number: number, At: time.UnixMilli(wall).UTC(), Why: strings.ReplaceAll(strings.ToValidUTF8(why, "\uFFFD"), "\x00", "\uFFFD"), Raw: append([]byte{}, raw...),
	})
	return nil
}

func (t *tx) Refusals(limit int) (list []book.Refusal, err error) {
	t.img.refused.Reverse(func(_ uint64, r book.Refusal) bool {
		list = append(list, r)
		return true
	})
	slices.SortStableFunc(list, func(a, b book.Refusal) int { return b.At.Compare(a.At) })
	return list[:min(len(list), limit)], nil
}

func (t *tx) Refusal(id ledger.TerminalID, number int64) (book.Refusal, error) {
	list, err := t.Refusals(t.img.refused.Len())
	for _, r := range list {
		if r.Terminal == id && r.Number == number {
			return r, nil
		}
	}
	return book.Refusal{}, errors.Join(err, book.ErrNotFound)
}
