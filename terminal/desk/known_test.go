package desk_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/terminal/desk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/member"
)

// What a new member tells of themselves stands in no entry in clear, only sealed
// for HQ, with a consent of its own; without it three taps are enough.
func TestWhatANewMemberTellsIsSealed(t *testing.T) {
	c := newCounter(t)
	hq := c.Desk.HQKey()
	n := byte(0)
	c.seal = func(key ed25519.PublicKey, plain []byte) ([]byte, error) {
		if !bytes.Equal(key, hq) {
			t.Errorf("sealed for %x, want HQ's key %x", key, hq)
		}
		n++ // a box is another one each time
		out := []byte{n}
		for _, b := range plain {
			out = append(out, b^0xff)
		}
		return out, nil
	}
	c.reopen()
	told := desk.Joining{Ref: "told-0001", Phone: "13700001234", Consent: true, Name: " 孙丽 ", Birthday: "1990-05-31", Agreed: true}
	for range 2 { // the same reference again is the same enrolment
		_, err := c.Join(by, told)
		c.ok("Join", err)
	}
	_, err := c.Join(by, desk.Joining{Ref: "short-001", Phone: "13700005678", Consent: true})
	c.ok("Join with three taps", err)
	var purposes []string
	var enrolled []*ledger.Enrol
	for _, e := range c.entries() {
		switch b := e.Body.(type) {
		case *ledger.Consent:
			purposes = append(purposes, b.Purpose)
		case *ledger.Enrol:
			enrolled = append(enrolled, b)
		}
	}
	if len(enrolled) != 2 || len(purposes) != 3 || purposes[1] != "birthday" {
		t.Fatalf("%d enrolments with consents %q, want 2 with programme, birthday, programme", len(enrolled), purposes)
	}
	for i, want := range []member.Known{{Phone: told.Phone, Name: "孙丽", Birthday: told.Birthday}, {Phone: "13700005678"}} {
		raw := enrolled[i].Sealed
		for j := range raw {
			raw[j] ^= 0xff
		}
		var got member.Known
		if err := json.Unmarshal(raw[1:], &got); err != nil || got != want {
			t.Errorf("HQ reads %+v, %v of enrolment %d, want %+v", got, err, i, want)
		}
	}
	for name, x := range map[string]struct {
		code string
		j    desk.Joining
	}{
		"not agreed":         {"enrol-about-consent", desk.Joining{Name: "孙丽"}},
		"a day that is not":  {"bad-birthday", desk.Joining{Birthday: "1990-02-30", Agreed: true}},
		"a day to come":      {"bad-birthday", desk.Joining{Birthday: "2190-02-03", Agreed: true}},
		"a day in words":     {"bad-birthday", desk.Joining{Birthday: "五月", Agreed: true}},
		"a name of 41 signs": {"bad-name", desk.Joining{Name: string(bytes.Repeat([]byte("x"), 41)), Agreed: true}},
	} {
		x.j.Ref, x.j.Phone, x.j.Consent = "wrong-0001", "13700009999", true
		c.refused(name, x.code, func() error { _, err := c.Join(by, x.j); return err })
	}
	c.seal = func(ed25519.PublicKey, []byte) ([]byte, error) { return nil, nil } // HQ was never met
	c.reopen()
	told.Ref, told.Phone = "told-0002", "13700004444"
	c.refused("nobody to seal for", "enrol-no-seal", func() error { _, err := c.Join(by, told); return err })
}

// A member tells their own birthday or a child's later on, each by a consent of its own,
// a child's by its guardian's word and without a year; nothing to keep takes it back
// (laws L17 and L18).
func TestBirthdaysAreToldLaterAndTakenBack(t *testing.T) {
	c := newCounter(t)
	c.seal = func(_ ed25519.PublicKey, plain []byte) ([]byte, error) { return plain, nil }
	c.reopen()
	c.refused("nobody there", "no-member", func() error { _, err := c.Confide(by, desk.Confidence{Ref: "none-0001"}); return err })
	c.scan(wang)
	child := desk.Confidence{Ref: "child-001", Purpose: ledger.ForChild, Birthday: "2019-08-02", Agreed: true}
	for range 2 { // the same reference again is the same word
		_, err := c.Confide(by, child)
		c.ok("Confide", err)
	}
	for _, x := range []desk.Confidence{
		{Ref: "own-00001", Purpose: ledger.ForBirthday, Birthday: "1990-05-31", Agreed: true},
		{Ref: "back-0001", Purpose: ledger.ForChild},
	} {
		_, err := c.Confide(by, x)
		c.ok("Confide", err)
	}
	var got []ledger.Consent
	for _, e := range c.entries() {
		if b, ok := e.Body.(*ledger.Consent); ok {
			b.Text = nil
			got = append(got, *b)
		}
	}
	who := c.lane().Member.ID
	want := []ledger.Consent{
		{Member: who, Purpose: "child-birthday", Guardian: who, Sealed: []byte(`{"child":"08-02"}`)},
		{Member: who, Purpose: "birthday", Sealed: []byte(`{"birthday":"1990-05-31"}`)},
		{Member: who, Purpose: "child-birthday", Guardian: who, Withdrawn: true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("consents: -want +got\n%s", d)
	}
	for name, x := range map[string]struct {
		code string
		c    desk.Confidence
	}{
		"not agreed":   {"enrol-about-consent", desk.Confidence{Purpose: ledger.ForChild, Birthday: "08-02"}},
		"no such day":  {"bad-birthday", desk.Confidence{Purpose: ledger.ForChild, Birthday: "13-02", Agreed: true}},
		"of what kind": {"bad-birthday", desk.Confidence{Purpose: "shoe-size", Birthday: "08-02", Agreed: true}},
	} {
		x.c.Ref = "wrong-0001"
		c.refused(name, x.code, func() error { _, err := c.Confide(by, x.c); return err })
	}
}

// A card of nobody waits for whoever is enrolled next, and for nobody after that.
func TestANewCardWaitsForItsMember(t *testing.T) {
	c := newCounter(t)
	card := barcode.CardNumber(7_654_321)
	scan := func() error { return c.Desk.Scan(by, "", card) }
	c.refused("scan a new card", "unknown-member", scan)
	if got := c.lane().NewCard; got != card {
		t.Errorf("the card that waits is %q, want %q", got, card)
	}
	c.scan(rice)
	if got := c.lane().NewCard; got != "" {
		t.Errorf("after goods were scanned %q waits still", got)
	}
	c.refused("scan it again", "unknown-member", scan)
	_, err := c.Join(by, desk.Joining{Ref: "card-0001", Card: c.lane().NewCard, Consent: true})
	c.ok("Join", err)
	if v := c.lane(); v.NewCard != "" || v.Member == nil {
		t.Errorf("after enrolling %q waits, member %+v", v.NewCard, v.Member)
	}
}
