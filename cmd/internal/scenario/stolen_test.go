package scenario_test

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// stolen is an enrolled board in the hands of somebody who speaks with its key as
// they like.
type stolen struct {
	*hostile
	id   ledger.TerminalID
	key  ed25519.PrivateKey
	head ledger.Head // newest that HQ has acked
	raws [][]byte    // up to it
}

// enrols lets such a board in, as an installer would.
func (h *hostile) enrols(id ledger.TerminalID) *stolen {
	h.t.Helper()
	s := &stolen{hostile: h, id: id, key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(id)}, ed25519.SeedSize))}
	exit, code, said := tool(h.t, h.dir, "board", "invite", "-hq", "hq", "-approved", id.String())
	if exit != 0 {
		h.t.Fatalf("jifen board invite = %d: %s", exit, said)
	}
	code = strings.ReplaceAll(strings.TrimSpace(code), "-", "")
	public := s.key.Public().(ed25519.PublicKey)
	m := &wire.Enrol{Mac: wire.EnrolMac(code, id, public), Software: "stolen"}
	copy(m.Key[:], public)
	h.publish(wire.UpTopic(id), wire.Seal(id, 0, m, s.key))
	s.says(wire.KindEnrolled, 1)
	s.writes(&ledger.Open{Boot: "b", Board: "b", Software: "stolen"})
	s.writes(&ledger.Mark{})
	return s
}

// says waits until HQ has said so many things of a kind to the board.
func (s *stolen) says(kind wire.Kind, n int) {
	s.t.Helper()
	eventually(s.t, "HQ to answer the board", func() (any, bool) {
		got := len(s.heard(wire.DownTopic(s.id), kind))
		return got, got >= n
	})
}

// acks are how many HQ has given the board.
func (s *stolen) acks() int { return len(s.heard(wire.DownTopic(s.id), wire.KindAck)) }

// batch is entries of a life after a head, signed by whoever.
func (s *stolen) batch(head ledger.Head, raws [][]byte, by ed25519.PrivateKey) (*wire.Batch, ledger.Head) {
	m := &wire.Batch{Incarnation: head.Incarnation, First: head.Seq + 1, Entries: raws}
	for _, raw := range raws {
		head.Seq++
		head.Hash = head.Hash.Next(raw)
	}
	copy(m.Signature[:], ed25519.Sign(by, head.Signed(s.id)))
	return m, head
}

func (s *stolen) entry(body ledger.Body) []byte {
	s.t.Helper()
	raw, err := ledger.Encode(ledger.Entry{Wall: 1, Body: body})
	if err != nil {
		s.t.Fatal(err)
	}
	return raw
}

// writes has HQ take in an entry that is as it should be.
func (s *stolen) writes(body ledger.Body) {
	s.t.Helper()
	if s.head.Seq == 0 {
		s.head = ledger.Head{Incarnation: 0x201, Hash: ledger.Genesis(s.id, 0x201, ledger.Head{})}
	}
	raw, before := s.entry(body), s.acks()
	m, head := s.batch(s.head, [][]byte{raw}, s.key)
	s.head, s.raws = head, append(s.raws, raw)
	s.publish(wire.UpTopic(s.id), wire.Seal(s.id, 0, m, s.key))
	s.says(wire.KindAck, before+1)
}

// What a board says whose key somebody else has got: nothing of it moves anything.
// What cannot be taken in is kept byte for byte, shown and not acked, nothing more
// is taken from the board until a person has looked, and an honest till sells on.
func TestHQAndABoardWithAStolenKey(t *testing.T) {
	t.Parallel()
	h := newHostileWith(t, "[[terminals]]\nid = 2\nname = \"Till 2\"\nstore = \"S2\"\n")
	s := h.enrols(2)
	totals := h.points()
	note := h.noteFor(1)
	s.orphan()
	another := ledger.Head{Incarnation: s.head.Incarnation, Seq: s.head.Seq, Hash: ledger.Hash{7}}
	child := ledger.Head{Incarnation: 0x202, Hash: ledger.Genesis(s.id, 0x202, another)}
	last := ledger.Head{Incarnation: s.head.Incarnation, Seq: s.head.Seq - 1, Hash: s.hashAt(s.head.Seq - 1)}
	for _, c := range []struct {
		name string
		from ledger.Head
		raw  []byte
		by   ed25519.PrivateKey
		code string
	}{
		{"life-of-another-parent", child, s.entry(&ledger.Open{Parent: another}), s.key, "trouble-fork"},
		{"head-signed-by-another", s.head, s.entry(&ledger.Mark{}), stranger, "trouble-signature"},
		{"entry-that-is-none", s.head, bytes.Repeat([]byte{0xff}, 20), s.key, "trouble-journal"},
		{"other-bytes-under-a-known-number", last, s.entry(&ledger.Stop{}), s.key, "trouble-fork"},
		{"second-opening-of-a-life", s.head, s.entry(&ledger.Open{Parent: s.head}), s.key, "trouble-journal"},
	} {
		m, _ := s.batch(c.from, [][]byte{c.raw}, c.by)
		sent, before := wire.Seal(s.id, 0, m, s.key), s.acks()
		h.publish(wire.UpTopic(s.id), sent)
		h.quarantined(attack{c.name, sent, c.code}, s.id)
		name := h.waiting(c.code)
		if page := h.page("/"); !strings.Contains(page, "Nothing more is taken from it") {
			t.Errorf("%s: HQ's page does not show that it takes nothing more from the board", c.name)
		}
		if s.acks() != before {
			t.Errorf("%s was acked", c.name)
		}
		h.does(0, "Go on", "conflicts", "choose", "-hq", "hq", "-by", "ZHOU", "-reason", c.name, name, "resume")
	}
	theft := wire.Seal(s.id, 0, &wire.Echo{First: 1, Entries: [][]byte{note}, Down: 9, Epoch: 1 << 40}, s.key)
	h.publish(wire.UpTopic(s.id), theft) // HQ's word to another, and a later HQ that nobody has seen
	h.quarantined(attack{"echo-of-another-terminals-note", theft, "denied-echo"}, s.id)
	s.writes(&ledger.NoteByHand{Signed: note}) // an entry can be written of anything: it moves nothing
	h.hqSays("alarm-wrong")
	if now := h.points(); !slices.Equal(now, totals) {
		t.Errorf("HQ's accounts have changed from %+v to %+v", totals, now)
	}
	h.sell(red)
	h.at.sees("HQ to have that sale", func(v view) bool { return v.Ledger.Backlog == 0 && v.Ledger.Online })
	h.closeAll()
	h.does(0, "ok: chain", "verify", "till/ledger.db")
	h.compare(2) // of points alone; there are alarms
}

// orphan sends a life whose parent nobody knows: its line may still bring that, and
// when it comes again and again without it a person is told.
func (s *stolen) orphan() {
	s.t.Helper()
	nowhere := ledger.Head{Incarnation: 0x777, Seq: 9, Hash: ledger.Hash{7}}
	m, _ := s.batch(ledger.Head{Incarnation: 0x202, Hash: ledger.Genesis(s.id, 0x202, nowhere)}, [][]byte{s.entry(&ledger.Open{Parent: nowhere})}, s.key)
	sent, before := wire.Seal(s.id, 0, m, s.key), s.acks()
	for range 32 {
		resumes := len(s.heard(wire.DownTopic(s.id), wire.KindResume))
		s.publish(wire.UpTopic(s.id), sent)
		s.says(wire.KindResume, resumes+1) // more at once would have no room
	}
	s.quarantined(attack{"unknown-incarnation-without-parent", sent, "nothing leads up to"}, s.id)
	s.hqSays("alarm-refused")
	if s.acks() != before {
		s.t.Error("a life whose parent nobody knows was acked")
	}
}

// hashAt is the board's chain at a number.
func (s *stolen) hashAt(seq ledger.Seq) ledger.Hash {
	hash := ledger.Genesis(s.id, s.head.Incarnation, ledger.Head{})
	for _, raw := range s.raws[:seq] {
		hash = hash.Next(raw)
	}
	return hash
}

// noteFor is a note that HQ has sent a terminal, as it signed it.
func (h *hostile) noteFor(id ledger.TerminalID) []byte {
	h.t.Helper()
	for _, b := range h.heard(wire.DownTopic(id), wire.KindDown) {
		e, err := wire.Open(b)
		if err != nil {
			h.t.Fatal(err)
		}
		m, err := e.Message()
		if err != nil {
			h.t.Fatal(err)
		}
		for _, raw := range m.(*wire.Down).Entries {
			if d, err := ledger.OpenDown(raw, nil); err == nil && d.Note != nil {
				return raw
			}
		}
	}
	h.t.Fatal("HQ has sent no note")
	return nil
}

// hqSays waits until HQ's page has an alarm.
func (h *hostile) hqSays(code string) {
	h.t.Helper()
	eventually(h.t, "HQ's page to show "+code, func() (any, bool) {
		var o hq.Overview
		h.desk.get("/overview.json", &o)
		for _, a := range o.Alarms {
			if a.Code == code {
				return o.Alarms, true
			}
		}
		return o.Alarms, false
	})
}
