package hq_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/voicepage"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/webui"
	"github.com/jifen-pos/jifen/terminal/words"
)

// A phone that scans the receipt's code sees what is asked, answers, and sees what
// became of it.
func TestReceiptsPageIsAnsweredOnAPhone(t *testing.T) {
	b := newBench(t)
	b.give(wang)
	r := b.terminals[0].bought(wang)
	code := b.terminals[0].state.Head().Hash.Code()
	server, err := webui.New(webui.Options{Listen: "127.0.0.1:0", Title: "voice-title", Say: words.In, Log: slog.New(slog.DiscardHandler)})
	b.ok("webui.New", err)
	b.ok("Mount", voicepage.Mount(voicepage.Options{
		Server: server, Look: b.Look, Decide: b.Decide,
		Name: func(product string) (document.Text, bool) {
			return document.Text{ZH: "竹毛巾", EN: "towel"}, product == towel
		},
	}))
	b.ok("Listen", server.Listen())
	web := httptest.NewServer(server.Handler())
	defer web.Close()
	address := strings.TrimPrefix(web.URL, "http://")
	do := func(method, path, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequest(method, web.URL+path, strings.NewReader(body))
		b.ok("NewRequest", err)
		req.Host = server.Addr()
		req.Header.Set("Content-Type", "application/json")
		a, err := http.DefaultClient.Do(req)
		b.ok(method+" "+address+path, err)
		defer func() { _ = a.Body.Close() }()
		text, err := io.ReadAll(a.Body)
		b.ok("read", err)
		return a.StatusCode, string(text)
	}
	page := "/receipt?receipt=" + r.Of.String() + "&code=" + code
	status, text := do("GET", page, "")
	for _, want := range []string{"明年想要哪些权益", "评价：竹毛巾", "分享您的绿色生活体验", "可得 10 绿色积分"} {
		if status != 200 || !strings.Contains(text, want) {
			t.Errorf("GET = %d without %q:\n%s", status, want, text)
		}
	}
	if _, text := do("GET", "/receipt?receipt="+r.Of.String()+"&code=000000000000", ""); !strings.Contains(text, "没有找到这张小票") || strings.Contains(text, "竹毛巾") {
		t.Errorf("with another code the page says:\n%s", text)
	}
	head := `{"receipt":"` + r.Of.String() + `","code":"` + code + `",`
	if status, text := do("POST", "/receipt", head+`"what":"survey","subject":"benefit-wishes","q0":"3"}`); status/100 != 2 {
		t.Errorf("POST a survey = %d %s", status, text)
	}
	if status, text := do("POST", "/receipt", head+`"what":"review","subject":"`+towel+`","words":"好"}`); status != 422 || !strings.Contains(text, "8 到 500") {
		t.Errorf("POST a short review = %d %s, want 422 and why", status, text)
	}
	if status, text := do("POST", "/receipt", head+`"what":"review","subject":"`+towel+`","words":"`+liked+`"}`); status/100 != 2 {
		t.Errorf("POST a review = %d %s", status, text)
	}
	if _, text := do("GET", page, ""); !strings.Contains(text, "积分已入账") || !strings.Contains(text, "等待工作人员查看") {
		t.Errorf("afterwards the page says:\n%s", text)
	}
}
