package boltstore_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// A basket that is damaged keeps no till closed: its lane starts empty and says
// so, nothing of the journal is lost, and the damaged bytes are kept for a person.
func TestDamagedBasketKeepsNoTillClosed(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	t.Cleanup(func() { closeStore(t, s) })
	b := tilltest.New(t, s)
	by := clerk.By{Lane: 1, Actor: "c1"}
	if err := b.Till.SignIn(by); err != nil {
		t.Fatal(err)
	}
	if err := b.Till.Scan(by, "", "6900001000112"); err != nil {
		t.Fatal(err)
	}
	before, err := audit.Verify(s, tilltest.Terminal, nil)
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	closeStore(t, s)
	file, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(file, []byte(`{"cashier":"c1"`)) {
		t.Fatalf("the basket is not found in the file (%v): the test shows nothing", err)
	}
	put(t, path, bytes.ReplaceAll(file, []byte(`{"cashier":"c1"`), []byte(`{"cashier":"d1"`)))

	s, err = boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	b.Journal = s
	b.Restart(t)
	v, err := b.Till.View(1)
	if err != nil || len(v.Lines) != 0 || v.Message.Code != "basket-damaged" || v.Message.Level != till.Attention {
		t.Errorf("the lane shows %+v, %v; want it empty and the damage said", v, err)
	}
	after, err := audit.Verify(s, tilltest.Terminal, nil)
	if err != nil || after.Head != before.Head || len(after.Aside) != 1 || after.Aside[0].Name != "lane-1" || !strings.Contains(string(after.Aside[0].Raw), `"d1"`) {
		t.Errorf("Verify = %+v, %v; want the same head, and the basket's bytes set aside", after, err)
	}
	b.Restart(t)
	if v, err := b.Till.View(1); err != nil || v.Message.Code != "" {
		t.Errorf("the second start shows %+v, %v; want nothing more of it", v.Message, err)
	}
}
