package simworld

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/shelf"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// headquarters is HQ: its book, its process, and the people in it.
type headquarters struct {
	w      *World
	key    ed25519.PrivateKey
	boards []hq.Board
	shelf  *shelf.Shelf
	hq     *hq.HQ
	end    *exchange.HQ

	on        bool
	brokerOff bool
	life      int // of the broker: what was on its way in an earlier one is gone
	fuse      int // statements until HQ dies; 0 is never
	moment    shelf.Moment
	dies      bool // else only the connection to the book is gone
	blown     bool
	merged    [][2]member.ID
	blocked   []member.ID
	looked    map[ledger.TerminalID]ledger.DownSeq // how far its journals were looked at
	asked     map[askOf]bool
}

// askOf is a question of one life of a terminal.
type askOf struct {
	terminal    ledger.TerminalID
	incarnation uint64
	ask         lot.AskID
}

var byPerson = hq.By{Actor: "zhou", Reason: "sim"}

func newOffice(w *World, terminals int) *headquarters {
	h := &headquarters{w: w, key: keyOf("headquarters"), shelf: shelf.New(), looked: map[ledger.TerminalID]ledger.DownSeq{}, asked: map[askOf]bool{}}
	for n := range terminals {
		id := ledger.TerminalID(n + 1)
		h.boards = append(h.boards, hq.Board{ID: id, Name: id.String(), Store: fmt.Sprint("S", n+1), Code: fmt.Sprintf("CODE%016d", n+1)})
	}
	h.shelf.Fault = h.fault
	h.shelf.Again = func() bool {
		if w.harm(w.faults.hqAgain) {
			w.mark("hq-transaction-again")
			return true
		}
		return false
	}
	return h
}

func (h *headquarters) start() {
	h.process()
	for _, p := range h.w.rules.members.All() {
		h.do("open member", func() error { return h.hq.OpenMember(p) })
	}
	for n := 0; n+familySize <= len(h.w.people)/2; n += familySize {
		h.family(h.w.people[n : n+familySize])
	}
	h.w.after(19*time.Hour, h.nightly)
	h.w.after(time.Minute, h.tick)
}

// process starts HQ on its book.
func (h *headquarters) process() {
	h.fuse, h.blown = 0, false
	made, err := hq.New(hq.Options{
		Book: h.shelf, Programme: h.w.rules.programme, Key: h.key, Boards: h.boards, Now: h.w.wall, Log: h.w.log, Unguarded: h.w.o.Unguarded,
	})
	h.w.must("open HQ", err)
	h.hq, h.on = made, true
	h.end = exchange.NewHQ(exchange.HQOptions{Key: h.key, Office: made, Unguarded: h.w.o.Unguarded})
}

// fault blows the fuse where it has burnt down.
func (h *headquarters) fault(at shelf.Moment) error {
	if h.fuse == 0 || at != h.moment {
		return nil
	}
	if h.fuse--; h.fuse > 0 {
		return nil
	}
	h.blown = true
	return shelf.ErrCrash
}

// do has HQ do something, and perhaps die of it.
func (h *headquarters) do(what string, fn func() error) {
	if !h.on {
		return
	}
	h.fuse, h.blown = 0, false
	switch {
	case h.w.harm(h.w.faults.hqCrash):
		h.dies, h.moment = true, shelf.Moment(h.w.random.IntN(3))
	case h.w.harm(h.w.faults.hqUnknown):
		h.dies, h.moment = false, shelf.Moment(h.w.random.IntN(3))
	default:
		h.moment = 255
	}
	if h.moment != 255 {
		h.fuse = 1
		if h.moment == shelf.Statement {
			h.fuse += h.w.random.IntN(12)
		}
	}
	err := fn()
	h.fuse = 0
	switch {
	case h.blown && h.dies:
		h.w.mark([]string{"hq-died-at-statement", "hq-died-before-commit", "hq-died-after-commit"}[h.moment])
		h.on = false
		h.w.after(h.w.between(time.Second, 2*time.Hour), h.process)
	case h.blown:
		h.w.mark("hq-result-unknown")
		h.flush()
	case err != nil:
		h.w.fail("error", "HQ, %s: %v", what, err)
	default:
		h.flush()
	}
}

// receive hands a terminal's message to HQ.
func (h *headquarters) receive(b *board, raw []byte) {
	if !h.on || h.brokerOff {
		h.w.mark("hq-away")
		return
	}
	h.do("receive", func() error { return h.end.Receive(b.id, raw, h.w.wall()) })
}

// flush sends what HQ has to say, and what it wrote for others.
func (h *headquarters) flush() {
	if h.brokerOff {
		h.end.Outgoing()
		return
	}
	h.look()
	for _, id := range h.hq.News() {
		if err := h.end.Push(id, h.w.wall()); err != nil {
			h.w.fail("error", "HQ, push: %v", err)
		}
	}
	for _, o := range h.end.Outgoing() {
		b := h.w.boards[o.To-1]
		h.says(b, o.Bytes)
		b.send(false, o.Bytes)
	}
}

// look checks what HQ wrote for terminals since it was looked at last: a question
// is answered with one note, and no note is for a life that is known to be past.
func (h *headquarters) look() {
	img := h.shelf.Image()
	for _, b := range h.w.boards {
		newest := img.Down(b.id)
		for seq := h.looked[b.id] + 1; seq <= newest; seq++ {
			d, err := ledger.OpenDown(img.DownRaw(b.id, seq), nil)
			h.w.must("open an entry of HQ", err)
			if d.Note == nil {
				continue
			}
			key := askOf{b.id, d.Note.Incarnation, d.Note.Ask}
			if d.Note.Ask != 0 && h.asked[key] {
				h.w.fail("answered-twice", "question %d of %s was answered with two notes", d.Note.Ask, b.id)
			}
			h.asked[key] = true
			streams := img.Streams(b.id)
			for n, s := range streams {
				if uint64(s.Incarnation) == d.Note.Incarnation && n < len(streams)-1 {
					h.w.fail("given-to-the-past", "a note for incarnation %s of %s, which is past", s.Incarnation, b.id)
				}
			}
		}
		h.looked[b.id] = newest
	}
}

// says checks what HQ is about to say: it stands for what is in the book.
func (h *headquarters) says(b *board, raw []byte) {
	e, err := wire.Open(raw)
	h.w.must("open HQ's message", err)
	m, err := e.Message()
	h.w.must("read HQ's message", err)
	img := h.shelf.Image()
	switch m := m.(type) {
	case *wire.Ack:
		h.w.mark("ack")
		if m.Head.Seq > 0 && !h.had(b.id, m.Head) {
			h.w.fail("ack-not-durable", "HQ acks %s of %s, which is not in its book", m.Head, b.id)
		}
	case *wire.Resume:
		h.w.mark("resume")
	case *wire.Denied:
		h.w.mark("denied-" + m.Code)
	case *wire.Down:
		h.w.mark("down")
		for n, entry := range m.Entries {
			if have := img.DownRaw(b.id, m.First+ledger.DownSeq(n)); string(have) != string(entry) {
				h.w.fail("sent-not-durable", "HQ sends entry %d for %s, which is not in its book", m.First+ledger.DownSeq(n), b.id)
			}
		}
	}
}

// had reports whether an entry is in HQ's book.
func (h *headquarters) had(id ledger.TerminalID, head ledger.Head) bool {
	e := h.shelf.Image().Entry(id, head.Incarnation, head.Seq)
	return e != nil && e.Head == head
}

// nightly is the end of HQ's day.
func (h *headquarters) nightly() {
	h.w.after(day, h.nightly)
	h.do("nightly", h.hq.Nightly)
}

// tick sends what waits for terminals that asked for nothing.
func (h *headquarters) tick() {
	h.w.after(10*time.Minute, h.tick)
	if h.on {
		h.flush()
	}
}

// refusedByHQ lets pass what HQ refuses with a reason.
func refusedByHQ(err error) error {
	if err == nil || errors.Is(err, shelf.ErrCrash) || errors.Is(err, office.ErrAlias) {
		return nil
	}
	return err
}
