package dashboard_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/dashboard"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/standby"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/webui"
	"github.com/jifen-pos/jifen/terminal/words"
)

const pin = "161803"

var now = time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)

// board is what HQ shows; a test changes it.
type board struct {
	mu  sync.Mutex
	o   hq.Overview
	err error
}

func (b *board) Overview() (hq.Overview, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.o, b.err
}

func (b *board) set(change func(*hq.Overview)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.o)
}

// fleet is two terminals and points that add up.
func fleet() hq.Overview {
	return hq.Overview{
		Now: now, Zone: time.FixedZone("CST", 8*3600),
		Terminals: []hq.TerminalView{
			{ID: 1, Name: "一号收银台", Store: "river", Presence: hq.Online, Heard: now.Add(-3 * time.Second), Software: "0.2.0", Incarnation: 7, Has: 1214, Says: 1214},
			{ID: 2, Name: "二号收银台", Store: "river", Presence: hq.Offline, Heard: now.Add(-75 * time.Hour), Has: 77, Says: 2291, Backlog: 2214, Lag: 75 * time.Hour, DownSent: 9, DownApplied: 8},
		},
		Totals: []hq.TotalView{{Asset: "points:consumption", Name: programme.Text{ZH: "消费积分", EN: "Consumption points"}, Issued: 1000, HQ: 600, Terminals: 250, Flight: 50, Spent: 100}},
	}
}

type bench struct {
	silent error // why HQ has nothing to say
	t      *testing.T
	server *webui.Server
	hub    *webui.Hub
	board  *board
	office *office
	store  atomic.Pointer[standby.Seen]
	http.Client
}

func newBench(t *testing.T) *bench {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	b := &bench{t: t, hub: webui.NewHub(), board: &board{o: fleet()}, Client: http.Client{Jar: jar, Timeout: 10 * time.Second}}
	b.office = &office{board: b.board}
	b.store.Store(&standby.Seen{})
	var err error
	b.server, err = webui.New(webui.Options{
		Listen: "127.0.0.1:0", Title: "dashboard-title", Say: words.In,
		People: []webui.Person{{ID: "zhou", Name: "周", PIN: webui.HashPIN(pin, []byte("salt of the test"))}},
	})
	b.check("make server", err)
	_, err = dashboard.Mount(dashboard.Options{Server: b.server, Hub: b.hub, HQ: b.board, Refused: room{}, Settle: b.office, Store: func() standby.Seen { return *b.store.Load() }, Silent: func() error { return b.silent }})
	b.check("mount dashboard", err)
	b.check("listen", b.server.Listen())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		b.check("run", <-ended)
	})
	return b
}

func (b *bench) check(act string, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%s: %v", act, err)
	}
}

func (b *bench) get(path string) (int, string) {
	b.t.Helper()
	r, err := b.Get("http://" + b.server.Addr() + path)
	b.check("get "+path, err)
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	b.check("read "+path, err)
	return r.StatusCode, string(text)
}

func (b *bench) post(path, body string) int {
	b.t.Helper()
	r, err := b.Post("http://"+b.server.Addr()+path, "application/json", strings.NewReader(body))
	b.check("post "+path, err)
	b.check("close answer", r.Body.Close())
	return r.StatusCode
}

func (b *bench) signedIn() *bench {
	b.t.Helper()
	if got := b.post("/signin", `{"person":"zhou","pin":"`+pin+`"}`); got != http.StatusNoContent {
		b.t.Fatalf("sign in = %d, want 204", got)
	}
	return b
}

func TestTheFleetIsBehindTheSignIn(t *testing.T) {
	b := newBench(t)
	for _, path := range []string{"/overview.json", "/stream"} {
		if got, text := b.get(path); got != http.StatusUnauthorized || strings.Contains(text, "收银台") {
			t.Errorf("GET %s without a session = %d %s, want 401", path, got, text)
		}
	}
	if _, page := b.get("/"); !strings.Contains(page, `id="pin"`) || strings.Contains(page, "收银台") {
		t.Errorf("without a session the page is not the sign-in:\n%s", page)
	}
	if got := b.post("/signin", `{"person":"zhou","pin":"000000"}`); got != http.StatusForbidden {
		t.Errorf("wrong PIN = %d, want 403", got)
	}
}

func TestThePageShowsEveryTerminal(t *testing.T) {
	b := newBench(t).signedIn()
	_, page := b.get("/")
	for _, want := range []string{"一号收银台", "t1 · river", "● 在线", "3 秒前", "1,214 / 1,214", "二号收银台", "○ 离线", "3 天前", "77 / 2,291", "2,214", "9 / 8", "更新于", "✓ 账平"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if got := b.post("/language", `{"lang":"en"}`); got != http.StatusNoContent {
		t.Fatalf("switch to English = %d", got)
	}
	if _, page = b.get("/"); !strings.Contains(page, "● Online") || !strings.Contains(page, "3 d ago") || !strings.Contains(page, "✓ Adds up") {
		t.Errorf("after the switch the page is not English")
	}
	b.post("/signout", `{}`)
	if _, page = b.get("/"); strings.Contains(page, "一号收银台") {
		t.Errorf("after signing out the page still shows the fleet")
	}
}

func TestTotalsThatDoNotAddUpAreShown(t *testing.T) {
	for name, x := range map[string]struct {
		change func(*hq.TotalView)
		want   string
	}{
		"as-they-should":        {func(*hq.TotalView) {}, "✓ 账平"},
		"points-lost":           {func(v *hq.TotalView) { v.HQ -= 7 }, "✕ 差 -7"},
		"points-made":           {func(v *hq.TotalView) { v.Flight += 7 }, "✕ 差 7"},
		"overdrawn-is-no-fault": {func(v *hq.TotalView) { v.Risk, v.Spent = 30, v.Spent+30 }, "✓ 账平"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t).signedIn()
			b.board.set(func(o *hq.Overview) { x.change(&o.Totals[0]) })
			if _, page := b.get("/"); !strings.Contains(page, x.want) {
				t.Errorf("the page lacks %q", x.want)
			}
		})
	}
}

func TestTroubleAndHostileNames(t *testing.T) {
	const evil = `<script>alert(1)</script>"'`
	b := newBench(t).signedIn()
	b.board.set(func(o *hq.Overview) {
		o.Terminals[0].Name, o.Terminals[0].Store, o.Terminals[0].Software, o.Terminals[0].Trouble = evil, evil, evil, "trouble-fork"
		o.Totals[0].Name = programme.Text{ZH: evil, EN: evil}
		o.Alarms = []book.Alarm{{At: now, Terminal: 1, Code: "trouble-fork", Detail: evil}}
	})
	_, page := b.get("/")
	if strings.Contains(page, "<script>alert") || strings.Count(page, "&lt;script&gt;alert(1)") < 5 {
		t.Errorf("the page holds a hostile name as markup, or hides it")
	}
	if !strings.Contains(page, "✕ 同一序号内容不同，已停收") {
		t.Errorf("the page does not say why nothing is taken from the terminal")
	}
}

func TestTheOverviewForPrograms(t *testing.T) {
	b := newBench(t).signedIn()
	status, text := b.get("/overview.json")
	var got hq.Overview
	if err := json.Unmarshal([]byte(text), &got); status != http.StatusOK || err != nil || len(got.Terminals) != 2 || got.Terminals[1].Backlog != 2214 {
		t.Errorf("GET /overview.json = %d %s, %v; want the two terminals", status, text, err)
	}
	b.board.mu.Lock()
	b.board.err = errors.New("book cannot be read: secret detail")
	b.board.mu.Unlock()
	if status, text = b.get("/overview.json"); status != http.StatusInternalServerError || strings.Contains(text, "secret") {
		t.Errorf("GET /overview.json of a broken book = %d %s, want 500 without the detail", status, text)
	}
}

// Ages change by themselves, and news come at once.
func TestTheStreamFollows(t *testing.T) {
	b := newBench(t).signedIn()
	r, err := b.Get("http://" + b.server.Addr() + "/stream")
	b.check("open stream", err)
	defer r.Body.Close()
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 1<<20)
	until := func(text string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), text) {
				return
			}
		}
		t.Fatalf("the stream ended without %q", text)
	}
	until("3 秒前")
	b.board.set(func(o *hq.Overview) { o.Now = o.Now.Add(time.Second) })
	until("4 秒前")
	b.board.set(func(o *hq.Overview) { o.Terminals[1].Presence, o.Terminals[1].Name = hq.Online, "二号台回来了" })
	b.hub.Changed()
	until("二号台回来了")
}
