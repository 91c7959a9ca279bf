package golden

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/shelf"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/sealed"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// headquarters is the real HQ on a book in memory, and the journals of two stores.
// What it enters is told as it happens.
type headquarters struct {
	*hq.HQ
	s      *Scenario
	book   *shelf.Shelf
	key    ed25519.PrivateKey
	now    time.Time
	stores map[string]*journal
	told   lot.Origin // last entry of HQ's that was told
	sales  []lot.Origin
	said   []lot.Origin // on the page that a receipt's code opens
}

const invitation = "ENR0LENR0LENR0LENR0L"

func (s *Scenario) headquarters(now time.Time) (*headquarters, error) {
	h := &headquarters{s: s, book: shelf.New(), key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize)), now: now, stores: map[string]*journal{}}
	var err error
	h.HQ, err = hq.New(hq.Options{
		Book: h.book, Programme: s.rules, Key: h.key, Now: func() time.Time { return h.now }, Log: slog.New(slog.DiscardHandler),
		Boards: []hq.Board{{ID: 1, Name: "one", Store: "s1", Code: invitation}, {ID: 2, Name: "two", Store: "s2", Code: invitation}},
	})
	for n, store := range []string{"s1", "s2"} {
		if err == nil {
			h.stores[store], err = h.join(ledger.TerminalID(n+1), store)
		}
	}
	return h, err
}

// journal is a store's till as HQ knows it: its journal, and what it was told.
type journal struct {
	h     *headquarters
	id    ledger.TerminalID
	store string
	key   ed25519.PrivateKey
	state *fold.State
	raws  [][]byte
	away  time.Time // since when there is no line; zero: there is one
}

func (h *headquarters) join(id ledger.TerminalID, store string) (*journal, error) {
	t := &journal{h: h, id: id, store: store, key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(id)}, ed25519.SeedSize))}
	var err error
	if t.state, err = fold.Load(id, fold.Memory{}); err != nil {
		return nil, err
	}
	public := t.key.Public().(ed25519.PublicKey)
	m := &wire.Enrol{Mac: wire.EnrolMac(invitation, id, public), Software: "golden"}
	copy(m.Key[:], public)
	if _, err := h.Enrol(id, m); err != nil {
		return nil, err
	}
	_, err = t.write(&ledger.Open{})
	return t, err
}

// write writes an entry, and sends what there is where there is a line.
func (t *journal) write(body ledger.Body) (fold.Effects, error) {
	i := ledger.Incarnation(t.id)<<8 | 1
	raw, err := ledger.Encode(ledger.Entry{Wall: t.h.now.UnixMilli(), Mark: t.state.Mark(), Programme: t.h.s.rules.Version(), Body: body})
	if err != nil {
		return fold.Effects{}, err
	}
	effects, err := t.state.Apply(i, raw)
	if err != nil {
		return effects, err
	}
	t.raws = append(t.raws, raw)
	return effects, t.meet()
}

// meet is what a till and HQ do while there is a line: the till sends its entries,
// hears HQ's, and gives back what HQ asks for.
func (t *journal) meet() error {
	if !t.away.IsZero() {
		return nil
	}
	m := &wire.Batch{Incarnation: t.state.Head().Incarnation, First: 1, Entries: t.raws}
	copy(m.Signature[:], ed25519.Sign(t.key, t.state.Head().Signed(t.id)))
	if _, _, err := t.h.Ingest(t.id, m); err != nil {
		return err
	}
	if err := t.h.Report(t.id, &wire.Report{Head: t.state.Head(), Down: t.state.Mark()}); err != nil {
		return err
	}
	raws, err := t.h.Down(t.id, t.state.Mark())
	for _, raw := range raws {
		d, failed := ledger.OpenDown(raw, nil)
		if failed == nil {
			_, failed = t.state.ApplyDown(d)
		}
		err = errors.Join(err, failed)
	}
	switch recalls := t.state.Recalls(); {
	case err != nil || len(raws) == 0:
		return err
	case len(recalls) > 0:
		_, err = t.write(&ledger.NoteGiven{Member: recalls[0].Member, Draws: recalls[0].Draws, Recall: recalls[0].Seq})
	default: // what was heard is accepted by the next entry: here it is at once
		_, err = t.write(&ledger.Mark{})
	}
	return err
}

// sealed is what a till seals for HQ.
func (h *headquarters) sealed(k member.Known) ([]byte, error) {
	plain, err := json.Marshal(k)
	if err != nil {
		return nil, err
	}
	return sealed.For(h.key.Public().(ed25519.PublicKey), plain, zeros{})
}

// zeros is no randomness: a scenario comes out the same each time.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 1
	}
	return len(p), nil
}

// tell writes what HQ entered since it was told last.
func (h *headquarters) tell(out *strings.Builder) error {
	return h.book.View(func(tx book.Tx) error {
		for {
			rows, err := tx.Office(h.told.Incarnation, h.told.Seq, 100)
			if err != nil || len(rows) == 0 {
				return err
			}
			for _, r := range rows {
				h.told = lot.Origin{Incarnation: r.Epoch, Seq: r.Seq}
				body, err := office.Decode(r.Kind, r.Body)
				if err != nil {
					return err
				}
				if text := h.statement(tx, h.told, body); text != "" {
					fmt.Fprintf(out, "  总部 HQ: %s\n", text)
				}
			}
		}
	})
}

// balances are what everybody has in the end, wherever it lies.
func (h *headquarters) balances(out *strings.Builder) error {
	return h.book.View(func(tx book.Tx) error {
		accounts, err := tx.Ledger(lot.ID{}, 1000)
		type right struct {
			who   member.ID
			asset lot.Asset
		}
		sums := map[right]lot.Amount{}
		var order []right
		for _, a := range accounts {
			k := right{a.Lot.Owner, a.Lot.Asset}
			switch a.Place.Kind {
			case book.AtHQ, book.AtTerminal, book.InFlight:
				if a.Amount > 0 && k.who != 0 && !k.asset.Quota() && k.asset != lot.Home && !strings.HasPrefix(string(k.asset), "return:") {
					if sums[k] == 0 {
						order = append(order, k)
					}
					sums[k] += a.Amount
				}
			}
		}
		sortRights(order, func(r right) string { return fmt.Sprintf("%020d %s", r.who, r.asset) })
		for _, k := range order {
			fmt.Fprintf(out, "%s 有 has %d %s\n", named(k.who), sums[k], k.asset)
		}
		return err
	})
}
