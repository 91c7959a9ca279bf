package webui_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/webui"
)

func TestOnlyKnownHostsAreServed(t *testing.T) {
	b := newBench(t).run()
	_, port, _ := strings.Cut(b.server.Addr(), ":")
	for name, x := range map[string]struct {
		host string
		want int
	}{
		"the-address":       {"127.0.0.1:" + port, 200},
		"localhost":         {"localhost:" + port, 200},
		"upper-case":        {"LOCALHOST:" + port, 200},
		"ip-6":              {"[::1]:" + port, 200},
		"configured-name":   {"till.shop:" + port, 200},
		"another-port":      {"127.0.0.1:1", 421},
		"no-port":           {"127.0.0.1", 421},
		"foreign-name":      {"evil.example", 421},
		"foreign-with-port": {"evil.example:" + port, 421},
		"name-as-suffix":    {"evil.localhost:" + port, 421},
		"trailing-dot":      {"localhost.:" + port, 421},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/healthz", "/gate"} {
				r, _ := b.client().do(http.MethodGet, path, "", func(r *http.Request) { r.Host = x.host })
				if r.StatusCode != x.want {
					t.Errorf("GET %s with Host %q = %d, want %d", path, x.host, r.StatusCode, x.want)
				}
			}
		})
	}
}

func TestOtherSitesCannotAct(t *testing.T) {
	b := newBench(t).run()
	c := b.signedIn()
	for name, x := range map[string]struct {
		header, value string
		want          int
	}{
		"own-origin":       {"Origin", "http://" + b.server.Addr(), 204},
		"foreign-origin":   {"Origin", "https://evil.example", 403},
		"null-origin":      {"Origin", "null", 403},
		"other-local-port": {"Origin", "http://127.0.0.1:1", 403},
		"cross-site":       {"Sec-Fetch-Site", "cross-site", 403},
		"same-site":        {"Sec-Fetch-Site", "same-site", 403},
		"same-origin":      {"Sec-Fetch-Site", "same-origin", 204},
		"a-form":           {"Content-Type", "application/x-www-form-urlencoded", 415},
		"plain-text":       {"Content-Type", "text/plain", 415},
		"no-content-type":  {"Content-Type", "", 415},
	} {
		t.Run(name, func(t *testing.T) {
			got, text := c.post("/act", `{"a":"1"}`, func(r *http.Request) { r.Header.Set(x.header, x.value) })
			if got != x.want {
				t.Errorf("POST /act with %s: %s = %d %s, want %d", x.header, x.value, got, text, x.want)
			}
		})
	}
}

func TestBodiesAreStrictAndSmall(t *testing.T) {
	b := newBench(t).run()
	c := b.signedIn()
	for name, x := range map[string]struct {
		body string
		want int
	}{
		"nothing":           {"", 204},
		"texts-and-numbers": {`{"a":"x","b":12}`, 204},
		"unknown-name":      {`{"c":"x"}`, 400},
		"name-twice":        {`{"a":"x","a":"y"}`, 400},
		"list":              {`["a"]`, 400},
		"nested":            {`{"a":{"b":"c"}}`, 400},
		"true":              {`{"a":true}`, 400},
		"null":              {`{"a":null}`, 400},
		"cut-off":           {`{"a":"x"`, 400},
		"more-behind":       {`{"a":"x"}{"b":"y"}`, 400},
		"64-kib":            {`{"a":"` + strings.Repeat("x", webui.BodyBytesMax-8) + `"}`, 204},
		"more-than-64-kib":  {`{"a":"` + strings.Repeat("x", webui.BodyBytesMax) + `"}`, 413},
	} {
		t.Run(name, func(t *testing.T) {
			if got, text := c.post("/act", x.body); got != x.want {
				t.Errorf("POST /act %.40s = %d %s, want %d", x.body, got, text, x.want)
			}
		})
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	b := newBench(t).run()
	for _, path := range []string{"/gate", "/healthz", "/no-such-page", "/session"} {
		r, _ := b.client().do(http.MethodGet, path, "")
		for header, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "Access-Control-Allow-Origin": "", "Cache-Control": "no-store",
		} {
			if got := r.Header.Get(header); got != want {
				t.Errorf("GET %s: %s = %q, want %q", path, header, got, want)
			}
		}
	}
}

func TestAssetsAreKeptForEverUnderTheirHash(t *testing.T) {
	b := newBench(t).run()
	_, page := b.client().do(http.MethodGet, "/gate", "")
	urls := regexp.MustCompile(`/assets/[a-z]+\.[0-9a-f]{12}\.(?:js|css|svg)`).FindAllString(page, -1)
	if len(urls) < 4 {
		t.Fatalf("the sign-in page names the assets %v, want its script, two styles and the sign", urls)
	}
	for _, url := range urls {
		r, text := b.client().do(http.MethodGet, url, "")
		if r.StatusCode != http.StatusOK || text == "" || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("GET %s = %d, %d bytes, Cache-Control %q; want it for ever", url, r.StatusCode, len(text), r.Header.Get("Cache-Control"))
		}
	}
	if r, _ := b.client().do(http.MethodGet, "/assets/app.000000000000.js", ""); r.StatusCode != http.StatusNotFound {
		t.Errorf("asset under another hash = %d, want 404", r.StatusCode)
	}
	if strings.Contains(page, "<script>") || strings.Contains(page, "style=") || strings.Contains(page, "Li <b>") || strings.Contains(page, "<i>here") {
		t.Errorf("the sign-in page holds inline code or an unescaped name:\n%s", page)
	}
}

func TestLanguageIsSwitchedByACookie(t *testing.T) {
	b := newBench(t).run()
	c := b.client()
	for _, x := range []struct{ lang, want string }{{"", "zh:who-are-you()"}, {"en", "en:who-are-you()"}, {"zh", "zh:who-are-you()"}, {"fr", "zh:who-are-you()"}} {
		if x.lang != "" {
			if got, text := c.post("/language", `{"lang":"`+x.lang+`"}`); got != http.StatusNoContent {
				t.Fatalf("switch to %s = %d %s, want 204", x.lang, got, text)
			}
		}
		if _, page := c.do(http.MethodGet, "/gate", ""); !strings.Contains(page, x.want) {
			t.Errorf("after switching to %q the page lacks %q", x.lang, x.want)
		}
	}
	if r, _ := c.do(http.MethodGet, "/language?lang=en", ""); r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET /language = %d, want 405: nothing changes by GET", r.StatusCode)
	}
}
