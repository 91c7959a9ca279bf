package hq_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/admission"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// newcomer is a board that wants to enrol.
type newcomer struct {
	key  ed25519.PublicKey
	code string
}

func board(seed byte, code string) newcomer {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	return newcomer{key, code}
}

func (n newcomer) enrol(b *bench, id ledger.TerminalID) error {
	m := &wire.Enrol{Mac: wire.EnrolMac(n.code, id, n.key), Software: "test"}
	copy(m.Key[:], n.key)
	_, err := b.Enrol(id, m)
	return err
}

// newcomers is HQ without a board whose code is always open.
func newcomers(t *testing.T) *bench {
	b := newBench(t)
	b.third = hq.Board{ID: 3, Name: "three", Store: "S3"}
	b.restart()
	return b
}

var operator = hq.By{Actor: "op", Reason: "a new till"}

// sec K2: a code is good for a quarter of an hour, for one board, once a person
// has said yes.
func TestCodesAreOpenedExpireAndAreUsedOnce(t *testing.T) {
	b := newcomers(t)
	one, thief := board(71, "CODE0NE"), board(72, "CODE0NE")
	refusedWith(t, "no code is open", one.enrol(b, 3), "denied-code")
	if _, err := b.Invite(9, "CODE0NE", true, operator); !errors.Is(err, admission.ErrUnknown) {
		t.Errorf("Invite(unknown) = %v, want ErrUnknown", err)
	}
	until, err := b.Invite(3, "CODE0NE", false, operator)
	b.ok("Invite", err)
	if want := b.now.Add(15 * time.Minute); !until.Equal(want) {
		t.Errorf("Invite() is good until %s, want %s", until, want)
	}
	refusedWith(t, "wrong code", board(71, "CODETW0").enrol(b, 3), "denied-code")
	refusedWith(t, "another terminal", one.enrol(b, 2), "denied-code")
	refusedWith(t, "nobody has said yes", one.enrol(b, 3), "denied-waiting")
	refusedWith(t, "another board, while the first waits", thief.enrol(b, 3), "denied-board")
	list, err := b.Applicants()
	if err != nil || len(list) != 1 || list[0].Terminal != 3 || !list[0].Key.Equal(one.key) {
		t.Fatalf("Applicants() = %+v, %v, want the board", list, err)
	}
	b.now = b.now.Add(time.Hour) // it was used in time
	b.ok("Admit", b.Admit(3, true, operator))
	b.ok("Enrol after the yes", one.enrol(b, 3))
	b.ok("Enrol again: the answer was lost", one.enrol(b, 3))
	_, err = b.Hello(3, &wire.Hello{})
	b.ok("Hello", err)
	refusedWith(t, "the code after the first hello", one.enrol(b, 3), "denied-code")
	if code, err := b.InviteCode(3); code != "" || err != nil {
		t.Errorf("InviteCode() = %q, %v, want none: it was used", code, err)
	}
}

func TestCodesNobodyUsedEnd(t *testing.T) {
	b := newcomers(t)
	_, err := b.Invite(3, "CODE0NE", true, operator)
	b.ok("Invite", err)
	b.now = b.now.Add(admission.OpenFor + time.Second)
	refusedWith(t, "after a quarter of an hour", board(71, "CODE0NE").enrol(b, 3), "denied-code")
	_, err = b.Invite(3, "CODETW0", true, operator)
	b.ok("Invite again", err)
	refusedWith(t, "the first code", board(71, "CODE0NE").enrol(b, 3), "denied-code")
	b.ok("Enrol", board(71, "CODETW0").enrol(b, 3))
}

func TestNoMeansNo(t *testing.T) {
	b := newcomers(t)
	_, err := b.Invite(3, "CODE0NE", false, operator)
	b.ok("Invite", err)
	refusedWith(t, "nobody has said yes", board(71, "CODE0NE").enrol(b, 3), "denied-waiting")
	b.ok("Admit(no)", b.Admit(3, false, operator))
	refusedWith(t, "after the no", board(71, "CODE0NE").enrol(b, 3), "denied-code")
	if err := b.Admit(3, true, operator); !errors.Is(err, admission.ErrNotInvited) {
		t.Errorf("Admit() of nobody = %v, want ErrNotInvited", err)
	}
	if key, err := b.Certified(3); key != nil || err != nil {
		t.Errorf("Certified() = %x, %v, want none", key, err)
	}
}

// sec K6: what was decommissioned has no certificate any more.
func TestDecommissionCutsTheCertificateOff(t *testing.T) {
	b := newBench(t)
	if key, err := b.Certified(1); err != nil || key == nil {
		t.Fatalf("Certified(1) = %x, %v, want its key", key, err)
	}
	if _, err := b.Hear(1, "CODE0NE", operator); !errors.Is(err, admission.ErrNotGone) {
		t.Errorf("Hear(1) of what is not decommissioned = %v, want ErrNotGone", err)
	}
	if _, err := b.Hear(77, "CODE0NE", operator); !errors.Is(err, admission.ErrUnknown) {
		t.Errorf("Hear(77) of nobody = %v, want ErrUnknown", err)
	}
	b.ok("Decommission", b.Decommission(1, burnt))
	if key, err := b.Certified(1); err != nil || key != nil {
		t.Errorf("Certified(1) = %x, %v, want none", key, err)
	}
	if b.cut != 1 {
		t.Errorf("the broker was told to end the connection of %s, want t1", b.cut)
	}
	one := b.terminals[0]
	one.sell(7)
	_, err := b.Hear(1, "CODE0NE", operator) // the board was found, and is to tell what it has
	b.ok("Hear", err)
	for range 2 {
		_, err := b.Hello(1, &wire.Hello{Streams: []ledger.Head{one.state.Head()}})
		b.ok("Hello", err)
		if key, err := b.Certified(1); err != nil || key == nil {
			t.Errorf("Certified(1) of a board that is let in = %x, %v, want its key", key, err)
		}
	}
	b.now = b.now.Add(admission.OpenFor + time.Second)
	if key, err := b.Certified(1); err != nil || key != nil {
		t.Errorf("Certified(1) after the invitation = %x, %v, want none", key, err)
	}
}
