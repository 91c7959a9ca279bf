package scenario_test

import (
	"bytes"
	"strings"
	"testing"
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
