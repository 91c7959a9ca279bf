package exchange_test

import (
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// A terminal that has heard of HQ's next key believes both until HQ has spoken
// under it, and then that one alone.
func TestFormerKeyIsBelievedUntilTheNewestIsHeard(t *testing.T) {
	b := greeted(t, nil, head(1, 20))
	b.key, b.former = public(otherKey), []ed25519.PublicKey{public(hqKey)}
	say := func(key ed25519.PrivateKey) error {
		return b.end.Receive(wire.Seal(id, 1, &wire.Ack{Head: ledger.Head{}}, key), b.now)
	}
	if err := say(hqKey); err != nil {
		t.Errorf("under the key of before: %v, want it believed", err)
	}
	if err := say(boardKey); !errors.Is(err, wire.ErrSignature) {
		t.Errorf("under a stranger's: %v, want ErrSignature", err)
	}
	if err := say(otherKey); err != nil {
		t.Errorf("under the newest: %v, want it believed", err)
	}
	if err := say(hqKey); !errors.Is(err, wire.ErrSignature) {
		t.Errorf("under the key of before, after that: %v, want ErrSignature", err)
	}
}

// voice answers to a terminal that has four entries under another key.
type voice struct{ shown int }

func (*voice) Key(_ ledger.TerminalID, has ledger.DownSeq, says bool) (ed25519.PrivateKey, error) {
	if says && has >= 4 {
		return otherKey, nil
	}
	return hqKey, nil
}

func (v *voice) Showed(ledger.TerminalID, []byte) { v.shown++ }

func (*voice) Guesses(ledger.TerminalID) []ed25519.PrivateKey {
	return []ed25519.PrivateKey{hqKey, otherKey}
}

// A board that HQ's book forgot knows one of HQ's keys, and nobody can tell which: it is
// told under each, and says which one when it enrols.
func TestForgottenBoardIsToldUnderEveryKey(t *testing.T) {
	o := newOffice()
	delete(o.keys, id)
	end := exchange.NewHQ(exchange.HQOptions{Key: hqKey, Office: o, Voice: &voice{}})
	if err := end.Receive(id, wire.Seal(id, 0, &wire.Hello{}, boardKey), start); err != nil {
		t.Fatal(err)
	}
	b := greeted(t, nil, head(1, 5))
	b.key = public(otherKey)
	for _, out := range end.Outgoing() {
		if err := b.end.Receive(out.Bytes, b.now); err != nil && !errors.Is(err, wire.ErrSignature) {
			t.Fatal(err)
		}
	}
	if b.end.Denied() != "denied-unknown" {
		t.Errorf("Denied() = %q, want the board to know that it is forgotten", b.end.Denied())
	}
	b.end.SetCode(code)
	b.wait(time.Minute)
	list := b.said()
	same(t, "with a code", sayings(list), []string{"Enrol"})
	if m := list[0].(*wire.Enrol); !public(otherKey).Equal(ed25519.PublicKey(m.Knows[:])) {
		t.Errorf("the board says that it knows %x, want %x", m.Knows, public(otherKey))
	}
}

func TestHQSpeaksUnderTheKeyThatATerminalKnows(t *testing.T) {
	o, v := newOffice(), &voice{}
	enrol := &wire.Enrol{Mac: wire.EnrolMac(code, id, public(boardKey))} // the board's ledger is lost: it begins anew
	copy(enrol.Key[:], public(boardKey))
	end := exchange.NewHQ(exchange.HQOptions{Key: hqKey, Office: o, Voice: v})
	for _, c := range []struct {
		m    wire.Message
		want ed25519.PrivateKey
	}{
		{&wire.Batch{}, hqKey}, {&wire.Hello{Down: 3}, hqKey}, {&wire.Report{Down: 4}, nil}, {&wire.Batch{}, otherKey}, {&wire.Hello{Down: 3}, hqKey},
		{&wire.Report{Down: 4}, nil}, {enrol, hqKey},
	} {
		if err := end.Receive(id, wire.Seal(id, 0, c.m, boardKey), start); err != nil {
			t.Fatal(err)
		}
		for _, out := range end.Outgoing() {
			e, err := wire.Open(out.Bytes)
			if err == nil && c.want != nil {
				err = e.Verify(public(c.want))
			}
			if err != nil {
				t.Errorf("answer to %T %+v: %v", c.m, c.m, err)
			}
		}
	}
	if v.shown != 3 {
		t.Errorf("%d greetings were looked at, want 3", v.shown)
	}
}
