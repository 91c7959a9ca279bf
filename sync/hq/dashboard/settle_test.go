package dashboard_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/exposure"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// office settles what its board shows, as HQ does: what it has settled waits no more.
type office struct {
	*board
	mu   sync.Mutex
	made []string
	err  error
}

func (o *office) Choose(c hq.Conflict, choice hq.Choice, by hq.By) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return o.err
	}
	found := false
	o.set(func(v *hq.Overview) {
		n := len(v.Conflicts)
		v.Conflicts = slices.DeleteFunc(slices.Clone(v.Conflicts), func(x hq.Conflict) bool { return x.Name() == c.Name() })
		found = len(v.Conflicts) < n
	})
	if !found {
		return hq.ErrChoice
	}
	o.made = append(o.made, fmt.Sprintf("%s %s by %s: %s", c.Name(), choice, by.Actor, by.Reason))
	return nil
}

func (o *office) Exposure(id ledger.TerminalID) (exposure.Exposure, error) {
	return exposure.Exposure{Held: lot.Fen(id) * 1234, Frozen: 50}, nil
}

// decides is what was settled since it was asked last.
func (o *office) decides() (list []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	list, o.made = o.made, nil
	return list
}

var (
	fork  = hq.Conflict{Code: "trouble-fork", Terminal: 2, Incarnation: 7, Done: "done-stopped", Choices: []hq.Choice{hq.ChooseResume, hq.ChooseDecommission}}
	claim = hq.Conflict{Code: "claim-no-sale", Terminal: 1, Of: lot.Origin{Terminal: 1, Incarnation: 9, Seq: 4}, Done: "done-held-back", Choices: []hq.Choice{hq.ChooseRefuse}}
)

// settles is somebody at the page with two matters that wait.
func settles(t *testing.T) *bench {
	t.Helper()
	b := newBench(t).signedIn()
	b.board.set(func(o *hq.Overview) { o.Conflicts = []hq.Conflict{claim, fork} })
	return b
}

// form is the form of a choice on the page: its panel and the reference in it.
func (b *bench) form(choice hq.Choice) (panel, ref string) {
	b.t.Helper()
	_, page := b.get("/")
	m := regexp.MustCompile(`id="(settle-[0-9a-z-]+)-form"><input type="hidden" name="ref" value="([0-9a-z]+)"><input type="hidden" name="choice" value="` + string(choice) + `">`).FindStringSubmatch(page)
	if m == nil || !strings.Contains(page, `data-panel="`+m[1]+`"`) {
		b.t.Fatalf("the page has no form for %s, or no button that opens it:\n%s", choice, page)
	}
	return m[1], m[2]
}

// answer is what the page is told.
type answer struct{ Code, Sentence, Field string }

// settle posts a form as the page does.
func (b *bench) settle(ref string, choice hq.Choice, reason, sure string) (int, answer) {
	b.t.Helper()
	body, err := json.Marshal(map[string]string{"ref": ref, "choice": string(choice), "reason": reason, "sure": sure})
	b.check("write form", err)
	r, err := b.Post("http://"+b.server.Addr()+"/settle", "application/json", strings.NewReader(string(body)))
	b.check("post form", err)
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	b.check("read answer", err)
	var a answer
	if len(raw) > 0 {
		b.check("understand answer", json.Unmarshal(raw, &a))
	}
	return r.StatusCode, a
}

func (b *bench) decided(when string, want ...string) {
	b.t.Helper()
	if got := b.office.decides(); !slices.Equal(got, want) {
		b.t.Errorf("%s: HQ was told %q, want %q", when, got, want)
	}
}

func TestAChoiceIsMadeOnThePage(t *testing.T) {
	b := settles(t)
	_, ref := b.form(hq.ChooseRefuse)
	if status, a := b.settle(ref, hq.ChooseRefuse, "", "yes"); status != http.StatusBadRequest || a.Field != "reason" || a.Sentence == "" {
		t.Errorf("without a reason = %d %+v, want it said at the reason", status, a)
	}
	if status, a := b.settle(ref, hq.ChooseRefuse, strings.Repeat("长", 22), "yes"); status != http.StatusBadRequest || a.Field != "reason" || a.Code != "settle-long" {
		t.Errorf("with 66 bytes of reason = %d %+v, want settle-long at the reason", status, a)
	}
	if status, a := b.settle(ref, hq.ChooseRefuse, "no receipt", ""); status != http.StatusBadRequest || a.Field != "sure" {
		t.Errorf("without saying that they are sure = %d %+v, want to be asked", status, a)
	}
	b.decided("before it is confirmed")
	if status, a := b.settle(ref, hq.ChooseRefuse, " no receipt ", "yes"); status != http.StatusNoContent {
		t.Errorf("confirmed = %d %+v, want it done", status, a)
	}
	b.decided("confirmed", "claim-no-sale:"+claim.Of.String()+" choice-refuse by zhou: no receipt")
	if _, page := b.get("/"); strings.Contains(page, "找不到这笔销售") || !strings.Contains(page, "同一序号内容不同") {
		t.Error("the page still has what was settled, or lacks what was not")
	}
	if status, a := b.settle(ref, hq.ChooseRefuse, "no receipt", "yes"); status != http.StatusNoContent {
		t.Errorf("the same once more, since the answer was lost = %d %+v, want the same answer", status, a)
	}
	b.decided("once more")
}

func TestWhatMayBeLostIsSaidBeforeItIs(t *testing.T) {
	b := settles(t)
	_, ref := b.form(hq.ChooseDecommission)
	for _, sure := range []string{"yes", ""} { // who is sure at once is told, too
		if status, a := b.settle(ref, hq.ChooseDecommission, "burnt", sure); status != http.StatusBadRequest || a.Field != "sure" || !strings.Contains(a.Sentence, "t2 持有的权益约值 ￥24.68，其中 ￥0.50 等待证明") {
			t.Errorf("decommission, sure %q = %d %+v, want to be told what t2 holds", sure, status, a)
		}
	}
	b.decided("before it is confirmed")
	if panel, _ := b.form(hq.ChooseResume); strings.Contains(panelOf(b, panel), `name="sure"`) {
		t.Error("going on, which HQ takes back by itself, asks whether they are sure")
	}
	if status, a := b.settle(ref, hq.ChooseDecommission, "burnt", "yes"); status != http.StatusNoContent {
		t.Errorf("decommission, told and sure = %d %+v, want it done", status, a)
	}
	b.decided("told and sure", fork.Name()+" choice-decommission by zhou: burnt")
}

// panelOf is a panel's text.
func panelOf(b *bench, id string) string {
	_, page := b.get("/")
	_, rest, _ := strings.Cut(page, `<div id="`+id+`"`)
	panel, _, _ := strings.Cut(rest, "</form>")
	return panel
}

func TestSomebodyElseWasFaster(t *testing.T) {
	b := settles(t)
	_, ref := b.form(hq.ChooseResume)
	if status, a := b.settle(ref, hq.ChooseResume, "looked", ""); status != http.StatusNoContent {
		t.Fatalf("first = %d %+v, want it done", status, a)
	}
	if status, a := b.settle(ref, hq.ChooseDecommission, "burnt", "yes"); status != http.StatusConflict || a.Sentence != "周已处理这件事：继续接收" {
		t.Errorf("another choice = %d %+v, want who settled it and how", status, a)
	}
	_, ref = b.form(hq.ChooseRefuse)
	b.board.set(func(o *hq.Overview) { o.Conflicts = nil }) // by the tool
	status, a := b.settle(ref, hq.ChooseRefuse, "no receipt", "yes")
	if status != http.StatusConflict || a.Code != "settle-gone" || !strings.Contains(a.Sentence, "不再等待处理") {
		t.Errorf("settled elsewhere = %d %+v, want that it no longer waits", status, a)
	}
	b.board.set(func(o *hq.Overview) { o.Conflicts = []hq.Conflict{fork} }) // it happened again
	if _, again := b.form(hq.ChooseResume); again == ref {
		t.Error("what happened again has the reference under which it was settled")
	}
	for name, choice := range map[string]hq.Choice{"not-listed": hq.ChooseFree, "none": "", "unknown": "choice-x"} {
		_, ref := b.form(hq.ChooseResume)
		if status, a := b.settle(ref, choice, "looked", "yes"); status != http.StatusConflict {
			t.Errorf("%s choice = %d %+v, want 409", name, status, a)
		}
	}
	if status, _ := b.settle("made-up", hq.ChooseResume, "looked", "yes"); status != http.StatusConflict {
		t.Errorf("a reference that was never shown = %d, want 409", status)
	}
	b.office.err = fmt.Errorf("decommission: %w", hq.ErrFenced)
	_, ref = b.form(hq.ChooseResume)
	if status, a := b.settle(ref, hq.ChooseResume, "looked", ""); status != http.StatusConflict || !strings.Contains(a.Sentence, "另一个更新的总部") {
		t.Errorf("at an HQ that is silent = %d %+v, want why", status, a)
	}
	b.office.err = errors.New("book cannot be written: secret detail")
	_, ref = b.form(hq.ChooseResume)
	if status, a := b.settle(ref, hq.ChooseResume, "looked", ""); status != http.StatusInternalServerError || strings.Contains(a.Sentence, "secret") {
		t.Errorf("of a broken book = %d %+v, want 500 without the detail", status, a)
	}
}

// Who has not signed in, a form of another site and a page of another site settle nothing.
func TestOnlyThePageSettles(t *testing.T) {
	b := settles(t)
	_, ref := b.form(hq.ChooseResume)
	body := `{"ref":"` + ref + `","choice":"choice-resume","reason":"x"}`
	send := func(kind, site string) int {
		r, err := http.NewRequest(http.MethodPost, "http://"+b.server.Addr()+"/settle", strings.NewReader(body))
		b.check("make request", err)
		r.Header.Set("Content-Type", kind)
		if site != "" {
			r.Header.Set("Sec-Fetch-Site", site)
		}
		answer, err := b.Do(r)
		b.check("post", err)
		b.check("close", answer.Body.Close())
		return answer.StatusCode
	}
	if got := send("application/x-www-form-urlencoded", ""); got != http.StatusUnsupportedMediaType {
		t.Errorf("a plain form = %d, want 415", got)
	}
	if got := send("application/json", "cross-site"); got != http.StatusForbidden {
		t.Errorf("of another site = %d, want 403", got)
	}
	b.post("/signout", `{}`)
	if got := send("application/json", "same-origin"); got != http.StatusUnauthorized {
		t.Errorf("signed out = %d, want 401", got)
	}
	b.decided("by strangers")
}
