package publishtool_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/control"
	"github.com/jifen-pos/jifen/cmd/internal/publishtool"
	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// desk is an HQ that answers the tool over its socket.
func desk(t *testing.T) (data string) {
	t.Helper()
	data = t.TempDir()
	b, err := sqlbook.OpenSQLite(filepath.Join(data, "book.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	p, err := programme.Parse(demo.Programme)
	if err != nil {
		t.Fatal(err)
	}
	h, err := hq.New(hq.Options{
		Book: b, Programme: p, Key: ed25519.NewKeyFromSeed(make([]byte, 32)), Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Boards: []hq.Board{{ID: 1, Name: "one", Store: "s1", Code: "ENR0LENR0LENR0LENR0L"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Publish("programme", p.Version(), demo.Programme, time.Time{}); err != nil {
		t.Fatal(err)
	}
	d := publishtool.Desk{HQ: h, Book: b, Data: data, Log: slog.New(slog.DiscardHandler)}
	c, err := control.New(data, d.Do, d.Log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { c.Run(ctx); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	return data
}

func draft(t *testing.T, edit ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "draft.yaml")
	text := string(demo.Programme)
	for i := 0; i < len(edit); i += 2 {
		if !strings.Contains(text, edit[i]) {
			t.Fatalf("the demo does not say %q", edit[i])
		}
		text = strings.Replace(text, edit[i], edit[i+1], 1)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What is faulty, unfair, or not newer is refused by HQ itself, whatever the
// tool says; what a person may let stand goes out with the name and the reason.
func TestPublishChecksAtHQ(t *testing.T) {
	data := desk(t)
	const next = "\nversion: 2\n"
	tests := map[string]struct {
		edit     []string
		override bool
		by       string
		want     string // in the error; "" is published
	}{
		"not-newer":     {[]string{"zh: 红米好物绿色消费积分", "zh: 红米好物"}, false, "zhou", "version must be higher"},
		"faulty":        {[]string{"\nversion: 1\n", next, "max_share_bp: 5000", "max_share_bp: 50000"}, false, "zhou", "max_share_bp"},
		"banned-words":  {[]string{"\nversion: 1\n", next, "有质量问题可以退换，也可以退回积分。", "最终解释权归本店。"}, true, "zhou", "not to be published"},
		"nobody":        {[]string{"\nversion: 1\n", next}, false, "", "named person"},
		"without-m4":    {[]string{"\nversion: 1\n", next, "id: m4", "id: m5"}, false, "zhou", "m4"},
		"good-and-fair": {[]string{"\nversion: 1\n", next}, false, "zhou", ""},
	}
	for _, name := range []string{"not-newer", "faulty", "banned-words", "nobody", "without-m4", "good-and-fair"} {
		test := tests[name]
		r, err := publishtool.Publish(t.Context(), publishtool.Asked{Data: data, File: draft(t, test.edit...), By: test.by, Reason: "new year", Override: test.override})
		switch {
		case test.want == "" && (err != nil || !strings.HasPrefix(r.Version, "2-") || len(r.Adoption) != 1 || r.Adoption[0].Want != r.Version):
			t.Errorf("%s: got %+v, %v; want it published, and the terminal to have it", name, r, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: got %v, want an error that says %q", name, err, test.want)
		}
	}
	r, err := publishtool.RollBack(t.Context(), publishtool.Asked{Data: data, By: "zhou", Reason: "too dear"})
	if err != nil || !strings.HasPrefix(r.Version, "1-") {
		t.Errorf("RollBack: got %+v, %v; want version 1 again", r, err)
	}
	if left, err := filepath.Glob(filepath.Join(data, "drafts", "*")); err != nil || len(left) > 0 {
		t.Errorf("drafts left behind: %v, %v", left, err)
	}
}

// A term that a person may let stand is refused with clause, rule, source and mend in
// both languages, and let stand by name and reason, which HQ's journal keeps.
func TestWhatAPersonLetsStandIsJournaled(t *testing.T) {
	data := desk(t)
	asked := publishtool.Asked{Data: data, File: draft(t, "\nversion: 1\n", "\nversion: 2\n", "  grace_days: 30", "  grace_days: 10"), By: "zhou", Reason: "the lawyer agreed"}
	_, err := publishtool.Publish(t.Context(), asked)
	if err == nil {
		t.Fatal("published without a word about its unfair term")
	}
	for _, want := range []string{"short-grace", "(make_good)", "law L05, rule S22: 消费者权益保护法 26", "grace_days 至少 30", "let grace_days be 30 at least"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the refusal does not say %q:\n%v", want, err)
		}
	}
	asked.Override = true
	if _, err := publishtool.Publish(t.Context(), asked); err != nil {
		t.Fatalf("Publish with an override: %v", err)
	}
	b, err := sqlbook.Read(filepath.Join(data, "book.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var judged *office.Judge
	err = b.View(func(tx book.Tx) error {
		rows, err := tx.Office(0, 0, 100)
		for _, r := range rows {
			body, failed := office.Decode(r.Kind, r.Body)
			if err = errors.Join(err, failed); failed == nil {
				if j, ok := body.(*office.Judge); ok {
					judged = j
				}
			}
		}
		return err
	})
	if err != nil || judged == nil || judged.Actor != "zhou" || judged.Reason != "the lawyer agreed (let stand: short-grace)" {
		t.Errorf("HQ's journal has %+v, %v; want who let short-grace stand, and why", judged, err)
	}
}
