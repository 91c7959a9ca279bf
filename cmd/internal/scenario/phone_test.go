package scenario_test

import (
	"html"
	"image"
	"image/color"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/devices/escpos/paper/codes"
	"github.com/jifen-pos/jifen/sync/hq"
)

// phone is a member's phone with HQ's page for members open.
type phone struct{ *browser }

// page is the page as it stands.
func (p phone) page(path string) string {
	p.t.Helper()
	resp, err := p.http.Get(p.base + path)
	if err != nil {
		p.t.Fatalf("GET %s: %v", path, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("GET %s = %s, %v", path, resp.Status, err)
	}
	return string(b)
}

var (
	drawing = regexp.MustCompile(`(?s)<svg[^>]*viewBox="([^"]*)".*?</svg>`)
	run     = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1`)
)

// photographed are the codes on a page, read off the screen.
func photographed(t testing.TB, page string) (texts []string) {
	t.Helper()
	for _, svg := range drawing.FindAllStringSubmatch(page, -1) {
		const dots, quiet, most = 4, 32, 200
		picture := image.NewPaletted(image.Rect(0, 0, most*dots+2*quiet, most*dots+2*quiet), color.Palette{color.White, color.Black})
		for _, m := range run.FindAllStringSubmatch(svg[0], -1) {
			x, _ := strconv.Atoi(m[1])
			y, _ := strconv.Atoi(m[2])
			n, _ := strconv.Atoi(m[3])
			for dx := range n * dots {
				for dy := range dots {
					picture.SetColorIndex(quiet+x*dots+dx, quiet+y*dots+dy, 1)
				}
			}
		}
		texts = append(texts, codes.Read(picture)...)
	}
	return texts
}

// TestAMembersPhoneBringsPointsToATillWithoutALine is the whole way by the programs
// and the screens: the line is cut, the till shows a code, the phone reads it and
// fetches the answer from HQ, the till reads the phone, and the points pay.
func TestAMembersPhoneBringsPointsToATillWithoutALine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	line := hang(t, "tcp", "127.0.0.1:0", w.set.broker)
	w.set.broker = line.addr
	w.openHQ()
	w.openTill()
	w.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	w.at.refused("challenge-online", "/lane/1/challenge")

	member := phone{newBrowser(t, w.desk.base)}
	if page := member.page("/member"); len(photographed(t, page)) != 0 || !strings.Contains(page, "let-in") {
		t.Error("a stranger's phone is shown a pass, want to be asked who it is")
	}
	member.refused("member-wrong", "/member/in", "card", lei, "phone", "13800000000")
	member.must("/member/in", "card", lei, "phone", "13800001223")
	pass := photographed(t, member.page("/member"))
	if len(pass) != 1 || !strings.HasPrefix(pass[0], "JF1.M.") {
		t.Fatalf("the member's page shows %q, want a pass", pass)
	}

	line.block(true)
	line.cut()
	w.at.sees("no line", func(v view) bool { return !v.Ledger.Online })
	if v := w.scan(pass[0]); v.Message.Code != "member" || v.here(consumption) != 0 {
		t.Errorf("the pass without a line says %+v with %d points here, want the member and none", v.Message, v.here(consumption))
	}
	w.at.do("challenge")
	shown := photographed(t, w.page("/lane/1/customer", true))
	if len(shown) != 1 || !strings.HasPrefix(shown[0], "JF1.C.") {
		t.Fatalf("the customer's screen shows %q, want the challenge", shown)
	}
	path := "/member?till=" + url.QueryEscape(shown[0])
	if page := member.page(path); !strings.Contains(page, `id="bring"`) {
		t.Errorf("the phone is not asked whether to bring points: %s", html.UnescapeString(page))
	}
	member.must("/member/carry", "till", shown[0])
	answer := photographed(t, member.page(path))
	if len(answer) == 0 {
		t.Fatal("the phone shows no code for the till")
	}
	var v view
	for _, code := range answer {
		v = w.scan(code)
	}
	if v.Message.Code != "note-by-hand" || v.here(consumption) == 0 {
		t.Fatalf("the till says %+v with %d points here, want what the phone brought", v.Message, v.here(consumption))
	}
	brought := v.here(consumption)
	w.scan(oil)
	w.at.do("deduct", "amount", "max")
	v = w.at.view()
	used := v.Quote.Deduction.Points
	if used == 0 {
		t.Fatal("the points that the phone brought pay nothing")
	}
	w.at.do("pay", "ref", v.Ref, "cash", v.Quote.ToPay.String())
	if v := w.scan(answer[0]); len(answer) == 1 && v.Message.Code != "note-taken" {
		t.Errorf("the phone shown again says %+v, want note-taken", v.Message)
	}

	line.block(false)
	w.at.sees("HQ to have it all", func(v view) bool { return v.Ledger.Online && v.Ledger.Backlog == 0 })
	w.sellsUntil("what HQ said to be there", func(h hq.TerminalView) bool { return h.DownApplied == h.DownSent && h.Trouble == "" })
	eventually(t, "a balance, no risk and nothing on its way", func() (any, bool) {
		totals := w.desk.overview().Totals
		return totals, !slices.ContainsFunc(totals, func(a hq.TotalView) bool { return a.Off() != 0 || a.Risk != 0 || a.Flight != 0 })
	})
	t.Logf("%d codes brought %d points, %d paid", len(answer), brought, used)
}
