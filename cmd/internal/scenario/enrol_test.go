package scenario_test

import (
	"bytes"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Somebody joins at the till with name and birthday: they reach HQ, which reads
// them with its key, and stand in clear in no file.
func TestWhoJoinsIsKnownToHQAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.openHQ()
	w.openTill()
	w.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	v := w.at.view()
	w.at.refused("enrol-about-consent", "/lane/1/join", "ref", v.Ref+"-j", "phone", "13700001234", "consent", "yes", "name", "孙丽娟")
	w.at.do("join", "ref", v.Ref+"-j", "phone", "13700001234", "consent", "yes", "name", "孙丽娟", "birthday", "1990-05-31", "about", "yes")
	w.at.sees("HQ to have it", func(v view) bool { return v.Member != nil && v.Ledger.Backlog == 0 })
	code, table, why := tool(t, w.dir, "enrolled", "-book", "hq/book.db", "-key", "hq/hq.key")
	if code != 0 || !strings.Contains(table, ",13700001234,孙丽娟,1990-05-31,") {
		t.Errorf("jifen enrolled = %d %s:\n%s\nwant number, name and birthday", code, why, table)
	}
	w.write("other.key", []byte(strings.Repeat("ab", 32)+"\n"))
	if code, table, _ := tool(t, w.dir, "enrolled", "-book", "hq/book.db", "-key", "other.key"); code != 0 || strings.Contains(table, "孙丽娟") || !strings.Contains(table, "not sealed for this key") {
		t.Errorf("with another key jifen enrolled = %d:\n%s\nwant the member, and nothing of what is sealed", code, table)
	}
	for _, file := range []string{"till/ledger.db", "hq/book.db"} {
		for _, secret := range []string{"孙丽娟", "13700001234", "1990-05-31"} {
			if bytes.Contains(w.read(file), []byte(secret)) {
				t.Errorf("%s holds %s in clear", file, secret)
			}
		}
	}
}

// Whoever joins near their birthday, and tells a child's, is told of both packs at the
// till as soon as HQ has it; a pack is handed over once, and the word can be taken back
// (cap M5).
func TestBirthdayOfWhoJoinedIsDueAtTheTill(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.openHQ()
	w.openTill()
	w.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	rules, err := programme.Parse(demo.Programme)
	if err != nil {
		t.Fatal(err)
	}
	today := rules.Day(time.Now()).String()[len("2006-"):]
	ref := w.at.view().Ref
	w.at.do("join", "ref", ref+"-j", "phone", "13700001234", "consent", "yes", "birthday", today, "about", "yes")
	w.at.refused("enrol-about-consent", "/lane/1/confide", "ref", ref+"-k0", "purpose", "child-birthday", "birthday", today)
	w.at.do("confide", "ref", ref+"-k1", "purpose", "child-birthday", "birthday", "2019-"+today, "agreed", "yes")
	has := func(v view, reasons ...string) bool {
		var got []string
		if v.Member != nil {
			for _, g := range v.Member.Gifts {
				got = append(got, g.Reason)
			}
		}
		return slices.Equal(got, reasons)
	}
	w.at.sees("the packs of both birthdays", func(v view) bool { return has(v, "birthday", "birthday-c1") })
	if !w.at.view().Member.Birthday {
		t.Error("the screen does not say that it is the member's birthday")
	}
	w.at.do("gift", "ref", ref+"-g1", "reason", "birthday")
	w.at.sees("the child's pack alone", func(v view) bool { return has(v, "birthday-c1") })
	w.at.do("confide", "ref", ref+"-k2", "purpose", "child-birthday", "birthday", "")
	w.at.sees("nothing more", func(v view) bool { return has(v) })
	w.till.stop(syscall.SIGTERM)
	w.verifies()
}
