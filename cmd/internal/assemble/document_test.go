package assemble_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/parcel"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// What a till gets and cannot read, or what is not good together with the rest, changes
// nothing: the last good documents stay in force, whole, until good ones come. HQ's own
// desk lets no such document out; a broken one of HQ's might.
func TestLastGoodDocumentsStayInForce(t *testing.T) {
	p := newShelved(t, demo.Programme)
	p.wait(2 * time.Minute)
	change := func(number string, edit ...string) []byte {
		t.Helper()
		text := bytes.Replace(demo.Programme, []byte("\nversion: 1\n"), []byte("\nversion: "+number+"\n"), 1)
		for i := 0; i < len(edit); i += 2 {
			if !bytes.Contains(text, []byte(edit[i])) {
				t.Fatalf("the demonstration does not say %q", edit[i])
			}
			text = bytes.ReplaceAll(text, []byte(edit[i]), []byte(edit[i+1]))
		}
		return text
	}
	first := p.bench.Till.Documents()
	refused := 0
	wait := func() {
		for range 240 { // two minutes
			p.step(500 * time.Millisecond)
			if err := p.shelf.Due(p.bench.Till.Use); err != nil {
				refused++
			}
		}
	}
	stays := func(when string) {
		t.Helper()
		wait()
		now := p.bench.Till.Documents()
		if now.Programme.Version() != first.Programme.Version() || now.Products != first.Products {
			t.Errorf("%s: programme %s is in force, and other products %v; want %s and the same", when, now.Programme.Version(), now.Products != first.Products, first.Programme.Version())
		}
	}
	stays("at first")
	p.must("Publish", p.hq.Publish("programme", "2-bad", change("2", "max_share_bp: 5000", "max_share_bp: fifty"), time.Time{}))
	stays("a programme that cannot be read")
	p.must("Publish", p.hq.Publish("programme", "3-bad", change("3", "{id: m4,", "{id: m5,"), time.Time{}))
	stays("a programme without a merchant of the products")
	p.must("Publish", p.hq.Publish("products", "4", bytes.Replace(demo.Products, []byte(",4990,"), []byte(",5190,"), 1), time.Time{}))
	wait() // good by themselves, beside the programme that is in force
	price := func() lot.Fen {
		t.Helper()
		p, ok := p.bench.Till.Documents().Products.Find("06900001000112")
		if !ok {
			t.Fatal("the products know no rice")
		}
		return p.Fen
	}
	if now := p.bench.Till.Documents(); now.Programme.Version() != first.Programme.Version() || price() != 5190 {
		t.Errorf("programme %s, rice at %s; want %s still, and the new price", now.Programme.Version(), price(), first.Programme.Version())
	}
	good := change("5")
	p.must("Publish", p.hq.Publish("programme", "5-good", good, time.Time{}))
	wait()
	now := p.bench.Till.Documents()
	if now.Programme.Number != 5 || price() != 5190 {
		t.Errorf("version %d, rice at %s; want version 5 and the new price", now.Programme.Number, price())
	}
	if refused < 2 {
		t.Errorf("%d refusals were said, want one for each programme that is not good", refused)
	}
	p.bench.Verify(t)
}

// A document that HQ announces after an entry which was lost on the way is not waited
// for: HQ may have gone back to before it when it says the rest.
func TestDocumentAnnouncedAfterAGapIsNotWaitedFor(t *testing.T) {
	p := newShelved(t, demo.Programme)
	p.wait(2 * time.Minute)
	at, err := p.bench.Till.Progress()
	p.must("Progress", err)
	s := assemble.ShelvedStation(p.bench.Till, t.TempDir(), p.shelf)
	announce := func(seq ledger.DownSeq) []byte {
		d := ledger.Down{Terminal: tilltest.Terminal, Epoch: at.Epoch, Seq: seq, Wall: p.now().UnixMilli()}
		d.Document = &ledger.Document{What: "programme", Version: "9", Size: 100, Root: parcel.Root([]byte("the next"))}
		return ledger.SignDown(d, p.bench.HQKey)
	}
	if _, err := s.ApplyDown([][]byte{announce(at.Down + 2)}); err == nil {
		t.Error("ApplyDown() after a gap = nil, want an error")
	}
	if m, err := p.shelf.Wanted(); m != nil || err != nil {
		t.Errorf("Wanted() = %+v, %v, want nothing", m, err)
	}
	_, err = s.ApplyDown([][]byte{announce(at.Down + 1)})
	p.must("ApplyDown", err)
	if m, err := p.shelf.Wanted(); m == nil || err != nil {
		t.Errorf("Wanted() of what follows = %+v, %v, want a part of it", m, err)
	}
}
