package scenario_test

import (
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jifen-pos/jifen/devices/escpos/paper/codes"
	"github.com/jifen-pos/jifen/sync/hq/audit"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// A till burns with two sales of which HQ has not heard. What may be lost there is
// said, and it is decommissioned. The customer brings one receipt to another till
// and has its points once, however often it is shown and although the burnt till
// turns up with its journal. What no receipt dates a person gives.
func TestReceiptsOfALostTillBringTheirPointsOnce(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1, 2, false)
	one, two := f.tills[0], f.tills[1]
	one.papers = true
	f.enrol()
	f.desk = signInHQ(t, f.hqAt)
	at, other := signIn(t, one.base), signIn(t, two.base)
	at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	f.certified(one, at) // with HQ there: what it holds of the member's may be lost
	f.calm(waitLimit, one)
	one.line.block(true)
	at.sees("no line", func(v view) bool { return !v.Ledger.Online })
	before := f.issued()
	brought, kept := f.certified(one, at), f.certified(one, at)
	one.program.kill()
	f.moves("till-1", "burnt")

	f.does(0, "holds rights worth: ￥28.49", "exposure", "-hq", "hq", "1")
	f.does(1, "-reason is missing", "board", "end", "-hq", "hq", "1")
	f.does(0, "holds rights worth: ￥28.49", "board", "end", "-hq", "hq", "-reason", "burnt", "1")
	f.does(0, "holds rights worth: ￥0.00", "exposure", "-hq", "hq", "1")
	f.does(1, "is decommissioned", "board", "end", "-hq", "hq", "-reason", "burnt", "1")
	f.does(0, "nothing waits for a person", "conflicts", "list", "-hq", "hq")

	shows := func(code, want string) {
		t.Helper()
		other.do("scan", "code", code)
		other.do("claim/points")
		other.sees(want, func(v view) bool { return v.Message.Code == want })
	}
	shows(brought, "paper-granted")
	award := f.issued() - before
	if award != 49 {
		t.Errorf("the receipt of rice brings %d points, want 49", award)
	}
	shows(brought, "claim-booked")
	two.program.stop(syscall.SIGTERM) // and forgets what it was shown
	f.open(two)
	other = signIn(t, two.base)
	shows(brought, "claim-booked")

	f.moves("burnt", "till-1")
	one.line.block(false)
	f.does(0, "let in until", "board", "hear", "-hq", "hq", "1")
	f.open(one)
	late := f.waiting("conflict-late")
	if n := f.issued() - before; n != 2*award {
		t.Errorf("HQ has %d points more after the burnt till turned up, want %d: the receipt's once, and those that wait", n, 2*award)
	}
	f.does(1, "a named person and a reason are needed", "conflicts", "choose", "-hq", "hq", late, "grant")
	byZhou := []string{"conflicts", "choose", "-hq", "hq", "-by", "ZHOU", "-reason", "saw the till roll", late}
	f.does(1, "no such choice", append(byZhou, "free")...)
	f.does(0, "Give it to the member", append(byZhou, "grant")...)
	f.does(1, "nothing of that name waits", append(byZhou, "grant")...)
	shows(kept, "claim-booked")
	one.program.kill()
	f.does(0, "ok: chain", "verify", one.file("ledger.db"))
	f.calm(waitLimit, two)
	two.program.stop(syscall.SIGTERM)
	f.hq.stop(syscall.SIGTERM)
	f.owns(1007, 2500+3*award)
}

// certified sells rice to the member, and returns what the receipt certifies.
func (f *fleet) certified(c *counter, at screen) (code string) {
	f.t.Helper()
	papers := func() []string {
		list, _ := filepath.Glob(f.path(c.file("papers/*.png")))
		return list
	}
	before := len(papers())
	at.do("scan", "code", lei)
	at.do("scan", "code", rice)
	v := at.view()
	at.do("pay", "ref", v.Ref, "cash", v.Quote.ToPay.String())
	eventually(f.t, "the receipt with its code", func() (any, bool) {
		for _, path := range papers()[before:] {
			for _, text := range codesOn(path) {
				if strings.HasPrefix(text, "JF1.R.") {
					code = text
				}
			}
		}
		return papers(), code != ""
	})
	return code
}

// codesOn are the codes on a picture of a paper, none while it is being written.
func codesOn(path string) []string {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	picture, _ := png.Decode(file)
	paper, _ := picture.(*image.Paletted)
	return codes.Read(paper)
}

// issued is how many points HQ's page says were issued.
func (f *fleet) issued() lot.Amount {
	f.t.Helper()
	for _, total := range f.desk.overview().Totals {
		if total.Asset == consumption {
			return total.Issued
		}
	}
	return 0
}

// moves takes a folder elsewhere.
func (f *fleet) moves(from, to string) {
	f.t.Helper()
	if err := os.Rename(f.path(from), f.path(to)); err != nil {
		f.t.Fatal(err)
	}
}

// waiting is the name of what waits for a person at HQ.
func (w *world) waiting(code string) (name string) {
	w.t.Helper()
	eventually(w.t, code+" to wait for a person", func() (any, bool) {
		_, out, said := tool(w.t, w.dir, "conflicts", "list", "-hq", "hq")
		for line := range strings.Lines(out) {
			if strings.HasPrefix(line, code+":") {
				name = strings.TrimSpace(line)
			}
		}
		return out + said, name != ""
	})
	return name
}

// owns looks through HQ's whole book, and at how many consumption points a member
// can use in it, wherever they lie.
func (f *fleet) owns(id member.ID, want lot.Amount) {
	f.t.Helper()
	kept := f.book()
	defer kept.Close()
	err := kept.View(func(tx book.Tx) error {
		list, err := tx.Owned(id)
		for _, a := range list {
			if k := a.Place.Kind; a.Lot.Asset == consumption && (k == book.AtHQ || k == book.AtTerminal || k == book.InFlight) {
				want -= a.Amount
			}
		}
		return err
	})
	if err := errors.Join(err, audit.Check(kept)); err != nil {
		f.t.Errorf("HQ's book: %v", err)
	}
	if want != 0 {
		f.t.Errorf("%s has %d points too few", id, want)
	}
}
