package scenario_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What somebody in the shop's network, or a web page on the till's own browser,
// tries at a running terminal. Each is refused and logged, and the till sells in
// the middle of it.

// attacked is a terminal with the local API on an address of its own.
func attacked(t *testing.T) (w *world, api string) {
	t.Helper()
	w, api = newWorld(t), freeAddress(t)
	w.set.api = fmt.Sprintf("[api]\nlisten = %q\n", api)
	w.set.people += fmt.Sprintf("[[people]]\nid = \"evil\"\nname = \"<script>alert(1)</script>\"\npin = '%s'\n", pinHash)
	w.openTill()
	return w, api
}

func (w *world) logged(what string) {
	w.t.Helper()
	eventually(w.t, "the log to tell of "+what, func() (any, bool) { return w.till.said, strings.Contains(w.till.said.String(), what) })
}

// ask sends one request as it is given, and returns the status.
func (w *world) ask(method, url, body string, change func(*http.Request)) int {
	w.t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	change(r)
	resp, err := w.at.http.Transport.RoundTrip(r)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, url, err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// A page of another site in the till's own browser has its cookie sent along, if
// the browser does so; and a name that was made to lead here carries its own Host.
func TestForeignPagesCannotActAtTheTill(t *testing.T) {
	t.Parallel()
	w, api := attacked(t)
	w.scan(rice)
	command := w.at.base + "/lane/1/clear"
	cookie := func(r *http.Request) {
		for _, c := range w.at.http.Jar.Cookies(r.URL) {
			r.AddCookie(c)
		}
	}
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(w.at.base, "http://"))
	token := "Bearer " + strings.TrimSpace(string(w.read("till/api.token")))
	for name, x := range map[string]struct {
		url    string
		change func(*http.Request)
		want   int
	}{
		"cashier-forged-origin": {command, func(r *http.Request) { cookie(r); r.Header.Set("Origin", "https://evil.example") }, 403},
		"cashier-csrf-fetch":    {command, func(r *http.Request) { cookie(r); r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		"cashier-csrf-form":     {command, func(r *http.Request) { cookie(r); r.Header.Set("Content-Type", "text/plain") }, 415},
		"cashier-rebinding":     {command, func(r *http.Request) { cookie(r); r.Host = "evil.example:" + port }, 421},
		"cashier-no-session":    {command, func(*http.Request) {}, 401},
		"api-forged-origin":     {"http://" + api + "/api/v1/lanes/1/scans", func(r *http.Request) { r.Header.Set("Authorization", token); r.Header.Set("Origin", "http://"+api) }, 403},
		"api-rebinding":         {"http://" + api + "/api/v1/lanes/1/scans", func(r *http.Request) { r.Header.Set("Authorization", token); r.Host = "evil.example" }, 421},
		"api-with-the-cookie":   {"http://" + api + "/api/v1/lanes/1/scans", cookie, 401},
		"path-dots":             {w.at.base + "/assets/..%2f..%2fetc%2fpasswd", func(*http.Request) {}, 405},
	} {
		if got := w.ask("POST", x.url, `{}`, x.change); got != x.want {
			t.Errorf("%s = %d, want %d", name, got, x.want)
		}
	}
	w.logged("code=foreign-page")
	w.logged("code=wrong-host")
	v := w.at.view()
	if len(v.Quote.Lines) != 1 {
		t.Errorf("the basket holds %d lines after all that, want the rice", len(v.Quote.Lines))
	}
	w.at.do("pay", "ref", v.Ref, "cash", v.Quote.ToPay.String())
}

// Two hundred connections that send nothing, half a header or half a body, at the
// cashier's pages and at the local API.
func TestSlowAndLargeRequestsKeepNobodyFromSelling(t *testing.T) {
	t.Parallel()
	w, api := attacked(t)
	cashier := strings.TrimPrefix(w.at.base, "http://")
	goods := []string{rice, red, rice} // the same code at once again is a scanner's double
	for n, first := range []string{
		"", "GET / HTTP/1.1\r\nHost: %s\r\nX-Slow: ", "POST /lane/1/signin HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{",
	} {
		for _, address := range []string{cashier, api} {
			for range 200 {
				c, err := net.Dial("tcp", address)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = c.Close() })
				_, _ = io.WriteString(c, strings.Replace(first, "%s", address, 1)) // it may be shut already
			}
		}
		w.sell(goods[n])
		if code, out, said := tool(t, w.dir, "api", "check", "-url", "http://"+api, "-token", "no token"); code != 1 || !strings.Contains(out+said, "contract") {
			t.Errorf("the local API beside slow connections: %d, %s%s; want it to answer", code, out, said)
		}
	}
	w.logged("too many connections")
	for name, x := range map[string]struct {
		raw  string
		want string
	}{
		"header-bomb": {"GET /healthz HTTP/1.1\r\nHost: " + cashier + "\r\nX-Bomb: " + strings.Repeat("x", 200<<10) + "\r\n\r\n", "431"},
		"body-bomb": {"POST /lane/1/signin HTTP/1.1\r\nHost: " + cashier + "\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n" +
			`{"person":"` + strings.Repeat("x", 99_990), "413"},
		"chunks":       {"POST /lane/1/signin HTTP/1.1\r\nHost: " + cashier + "\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nGET /", "4"},
		"no-http":      {"\x16\x03\x01\x00\x05hello\r\n\r\n", "400"},
		"two-hosts":    {"GET /healthz HTTP/1.1\r\nHost: " + cashier + "\r\nHost: evil.example\r\n\r\n", "400"},
		"absolute-url": {"GET http://evil.example/healthz HTTP/1.1\r\nHost: " + cashier + "\r\n\r\n", "421"},
	} {
		if got := answerTo(t, cashier, x.raw); !strings.HasPrefix(got, x.want) {
			t.Errorf("%s = %q, want %s", name, got, x.want)
		}
	}
	w.sell(red)
}

// answerTo sends bytes and returns the status of the answer.
func answerTo(t *testing.T, address, raw string) string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(startLimit))
	go func() { _, _ = io.WriteString(c, raw) }() // it may be refused before all of it is read
	line, _ := bufio.NewReader(c).ReadString('\n')
	_, status, _ := strings.Cut(line, " ")
	return status
}

// A PIN is guessed slowly, also by somebody who kills the terminal in between.
func TestGuessedPINsWaitOverARestart(t *testing.T) {
	t.Parallel()
	w, _ := attacked(t)
	guess := func() answer {
		a, err := w.at.post("/lane/1/signin", "person", "evil", "pin", "000000")
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for wrong := 0; wrong < 4; {
		switch a := guess(); a.Status {
		case http.StatusForbidden:
			wrong++
		case http.StatusTooManyRequests:
			time.Sleep(100 * time.Millisecond)
		default:
			t.Fatalf("a wrong PIN = %+v", a)
		}
	}
	w.till.kill()
	began := time.Now()
	w.till = start(t, w.tillCommand())
	w.at.base = w.till.ready()
	if a := guess(); a.Status != http.StatusTooManyRequests && time.Since(began) < 8*time.Second {
		t.Errorf("a guess after the restart = %+v, want it to wait: the fourth wrong PIN made it 8 seconds", a)
	}
	w.logged("sign-in refused")
	if raw := w.till.said.String(); strings.Contains(raw, "000000") {
		t.Error("the log holds a PIN")
	}
}

// Names of goods, members and cashiers are text wherever they are shown.
func TestScriptInNamesStaysText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const script = `<img src=x onerror=alert(1)><script>alert(1)</script>`
	products := strings.Replace(string(w.read("documents/products.csv")), "Northeast long-grain rice 5 kg", script, 1)
	members := strings.Replace(string(w.read("documents/members.csv")), "M1007,赵磊", "M1007,"+script, 1)
	w.write("documents/products.csv", []byte(products))
	w.write("documents/members.csv", []byte(members))
	w.set.people += fmt.Sprintf("[[people]]\nid = \"evil\"\nname = %q\npin = '%s'\n", script, pinHash)
	w.openTill()
	v := w.scan(rice, lei)
	pages := map[string]string{"sign-in": w.page("/lane/1", false), "cashier": w.page("/lane/1", true), "customer": w.page("/lane/1/customer", true)}
	w.at.do("pay", "ref", v.Ref, "cash", v.Quote.ToPay.String())
	pages["cashier-after"] = w.page("/lane/1", true)
	for name, page := range pages {
		if strings.Contains(page, "<img src=x") || strings.Contains(page, "<script>alert") || len(page) < 500 {
			t.Errorf("the page %s holds a script from a name, or nothing:\n%s", name, page)
		}
	}
	if shown := pages["cashier"]; !strings.Contains(shown, "onerror=alert(1)&gt;") {
		t.Error("the cashier's page does not show the name of the goods at all")
	}
	w.till.stop(syscall.SIGTERM)
	_, page, said := tool(t, w.dir, "history", "-ledger", "till/ledger.db", "-form", "html", "M1007")
	if len(page) < 500 {
		t.Errorf("the member's history: %s%s", page, said)
	}
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") {
		t.Error("the member's history holds a script from a name")
	}
}

// page reads a page, as who has signed in or as a stranger.
func (w *world) page(path string, signedIn bool) string {
	w.t.Helper()
	client := w.at.http
	if !signedIn {
		client = http.DefaultClient
	}
	resp, err := client.Get(w.at.base + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(raw)
}

// Other machines reach the local API when the settings say so: with TLS alone, by
// a certificate that the terminal made itself, and with its token.
func TestLocalAPIInTheShopsNetworkHasTLSAndItsToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	port := strings.Split(freeAddress(t), ":")[1]
	w.set.people += apiPeople
	w.set.api = fmt.Sprintf("[api]\nlisten = \"0.0.0.0:%s\"\n", port)
	if code, said := start(t, w.tillCommand()).refusal(); code == 0 || !strings.Contains(said, "lan = true") {
		t.Errorf("an address of all machines without lan = %d: %s; want a sentence that says lan = true", code, said)
	}
	w.set.api += "lan = true\n"
	if code, said := start(t, w.tillCommand()).refusal(); code == 0 || !strings.Contains(said, "api.self_signed") {
		t.Errorf("lan without a certificate = %d: %s; want a sentence that names both ways", code, said)
	}
	w.set.api += "self_signed = true\n"
	w.openTill()
	w.logged("certificate of the local API")
	check := []string{"api", "check", "-person", "k1", "-url", "https://127.0.0.1:" + port, "-token-file", "till/api.token", "-cert", "till/api.crt", "-lane", "2", "-member", ""}
	w.does(0, "ok     stream", check...)
	w.does(1, "holds no certificate", append(check, "-cert", "till/api.key")...)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(w.read("till/api.crt"))
	_, err := tls.Dial("tcp", "127.0.0.1:"+port, &tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS11})
	if err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	if got := answerTo(t, "127.0.0.1:"+port, "GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1:"+port+"\r\n\r\n"); !strings.HasPrefix(got, "400") {
		t.Errorf("without TLS = %q, want 400", got)
	}
	before := w.read("till/api.crt")
	w.till.stop(syscall.SIGTERM)
	w.openTill()
	if string(w.read("till/api.crt")) != string(before) {
		t.Error("a restart makes another certificate")
	}
}
