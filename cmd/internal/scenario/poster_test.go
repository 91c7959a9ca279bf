package scenario_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/scripts/needs"
)

// The sheet of an activity, as a browser shows it, is read by a scanner at the
// till: the member on the sale is checked in, once.
func TestThePosterOfAnActivityChecksMembersIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("documents/programme.yaml", bytes.Replace(w.read("documents/programme.yaml"), []byte("\nactivities:\n"),
		[]byte("\nactivities:\n  - {id: talk-here, name: {zh: 茶艺讲座, en: Tea talk}, gives: {asset: points:green, points: 50}}\n"), 1))
	w.openHQ()
	w.openTill()
	w.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	make := func(args ...string) (int, string, string) {
		return tool(t, w.dir, append([]string{"poster", "-key", "hq/hq.key", "-programme", "documents/programme.yaml", "-o", "poster.html"}, args...)...)
	}
	for said, args := range map[string][]string{
		"no such activity in the programme, which has": {"talk-there"},
		"it ends at":      {"-from", "2026-11-28 14:00", "-until", "2026-11-28 13:00", "talk-here"},
		"is no time like": {"-from", "tomorrow", "talk-here"},
		"has passed":      {"-from", "2020-11-28 14:00", "-until", "2020-11-28 15:00", "talk-here"},
	} {
		if code, _, why := make(args...); code != 1 || !strings.Contains(why, said) {
			t.Errorf("jifen poster %q = %d %q, want 1 and why: %q", args, code, why, said)
		}
	}
	if code, _, why := make("-place", "S001", "talk-here"); code != 0 {
		t.Fatalf("jifen poster = %d: %s", code, why)
	}
	picture := w.path("poster.png")
	browser := exec.Command(needs.Program(t, "chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--user-data-dir="+filepath.Join(t.TempDir(), "profile"),
		"--window-size=800,1130", "--screenshot="+picture, "file://"+w.path("poster.html"))
	if out, err := browser.CombinedOutput(); err != nil {
		t.Fatalf("show the poster: %v\n%s", err, out)
	}
	read, err := exec.Command(needs.Program(t, "zbarimg"), "--quiet", "--raw", picture).Output()
	if err != nil {
		t.Fatalf("read the poster's code: %v", err)
	}
	code := strings.TrimSpace(string(read))
	if v := w.scan(code); v.Message.Code != "activity-who" {
		t.Errorf("scanned for nobody the poster says %+v, want activity-who", v.Message)
	}
	w.scan(lei)
	before := w.at.sees("the member's points", func(v view) bool { return v.here(green) > 0 }).here(green)
	for range 2 { // it gives once
		w.scan(code)
		w.at.sees("HQ to have it", func(v view) bool { return v.Ledger.Backlog == 0 })
		w.at.do("member/drop")
		w.scan(lei)
		w.at.sees("the points of the talk, once", func(v view) bool { p := v.points(green); return p.Here+p.HQ == before+50 })
	}
}
