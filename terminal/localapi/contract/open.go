package contract

import (
	"net/http"
	"net/url"
	"strings"
)

// What can be asked before anything is sold, and what nobody gets.

func described(s *suite) {
	a := s.send("GET", "/openapi.json", nil, nil)
	if a.status != http.StatusOK {
		s.broken("GET /openapi.json: %v; want 200", a)
	}
	spec, err := readSpec(a.raw)
	if err != nil {
		s.broken("the description cannot be read: %v", err)
	}
	s.spec = spec
	version, _ := at(spec.doc, "info")["version"].(string)
	if form, _ := spec.doc["openapi"].(string); !strings.HasPrefix(form, "3.1.") || !strings.HasPrefix(version, "1.") {
		s.wrong("the description is OpenAPI %q of version %q; want 3.1 and 1", form, version)
	}
	page := s.send("GET", "/docs", nil, nil)
	for _, o := range spec.operations {
		if !strings.HasPrefix(o.path, "/api/v1/") {
			s.wrong("%s %s is not under /api/v1", o.method, o.path)
		}
		if !strings.Contains(string(page.raw), o.path) {
			s.wrong("the page for people does not show %s", o.path)
		}
	}
	if !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") || strings.Contains(string(page.raw), "<script") {
		s.wrong("the page for people comes as %q; want a page without scripts", page.header.Get("Content-Type"))
	}
}

func healthy(s *suite) {
	a := s.want(http.StatusOK, "GET", "/health", nil)
	if a.number("lanes") < 1 || a.text("terminal") == "" {
		s.wrong("health: %v; want a terminal with lanes", a)
	}
	for _, d := range a.list("devices") {
		o, _ := d.(object)
		if o["kind"] == "" || !inBoth(o) {
			s.wrong("device %v; want its kind, and how it is in both languages", o)
		}
	}
}

func strangers(s *suite) {
	if s.o.Token == "" {
		panic(left("over a unix socket the file's mode decides who is let in"))
	}
	address, err := url.Parse(s.o.URL)
	if err != nil {
		s.broken("%q: %v", s.o.URL, err)
	}
	for how, x := range map[string]struct {
		change func(*http.Request)
		status int
		code   string
	}{
		"no token":        {func(r *http.Request) { r.Header.Del("Authorization") }, http.StatusUnauthorized, "token-needed"},
		"a wrong token":   {func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+s.o.Token+"0") }, http.StatusUnauthorized, "token-needed"},
		"a foreign page":  {func(r *http.Request) { r.Header.Set("Origin", "https://shop.example") }, http.StatusForbidden, "foreign-page"},
		"a forged origin": {func(r *http.Request) { r.Header.Set("Origin", address.Scheme+"://"+address.Host) }, http.StatusForbidden, "foreign-page"},
		"a browser":       {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, http.StatusForbidden, "foreign-page"},
		"a rebound name":  {func(r *http.Request) { r.Host = "evil.example:" + address.Port() }, http.StatusMisdirectedRequest, "wrong-host"},
	} {
		for _, method := range []string{"GET", "POST"} {
			a := s.send(method, "/health", nil, x.change)
			if a.status != x.status || a.text("code") != x.code {
				s.wrong("%s with %s: %v; want %d and %s", method, how, a, x.status, x.code)
			}
			if a.header.Get("Access-Control-Allow-Origin") != "" {
				s.wrong("the answer to %s with %s lets another page read it", method, how)
			}
		}
	}
	if a := s.send("OPTIONS", "/health", nil, func(r *http.Request) { r.Header.Set("Access-Control-Request-Method", "POST") }); a.status < 400 || a.header.Get("Access-Control-Allow-Methods") != "" {
		s.wrong("a browser that asks first gets %v, want no leave", a)
	}
}

func paths(s *suite) {
	s.refused(http.StatusNotFound, "no-such-thing", "GET", "/no-such-thing", nil)
	s.refused(http.StatusMethodNotAllowed, "method-not-allowed", "DELETE", "/health", nil)
	for _, path := range []string{"/../../healthz", "//health", "/%2e%2e/health", "/health/", "/lanes/1/../../health"} {
		a := s.send("GET", "", nil, func(r *http.Request) { r.URL.Opaque, r.URL.Path = r.URL.Path+path, "" })
		if a.status != http.StatusNotFound || a.text("code") != "no-such-thing" {
			s.wrong("GET %s: %v; want 404 and no-such-thing", path, a)
		}
	}
	if a := s.send("GET", "/health", nil, nil); a.header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'none'") {
		s.wrong("answers come with %v; want a policy that lets a page load nothing", a.header)
	}
	quotes := s.lane("quotes")
	for how, x := range map[string]struct {
		body, kind string
		status     int
		code       string
	}{
		"a form's body":   {`{"lines":[]}`, "text/plain", http.StatusUnsupportedMediaType, "json-only"},
		"a form":          {`lines=1`, "application/x-www-form-urlencoded", http.StatusUnsupportedMediaType, "json-only"},
		"no kind":         {`{"lines":[]}`, "", http.StatusUnsupportedMediaType, "json-only"},
		"no JSON":         {`lines`, "application/json", http.StatusBadRequest, "bad-request"},
		"nothing":         {``, "application/json", http.StatusBadRequest, "bad-request"},
		"half of it":      {`{"lines":[`, "application/json", http.StatusBadRequest, "bad-request"},
		"two values":      {`{"lines":[]}{"lines":[]}`, "application/json", http.StatusBadRequest, "bad-request"},
		"a name twice":    {`{"lines":[],"lines":[]}`, "application/json", http.StatusBadRequest, "bad-request"},
		"a deep nest":     {strings.Repeat("[", 40) + strings.Repeat("]", 40), "application/json", http.StatusBadRequest, "bad-request"},
		"bytes":           {"{\"lines\":[],\"member\":\"\xff\xfe\"}", "application/json", http.StatusBadRequest, "bad-request"},
		"another casing":  {`{"Lines":[]}`, "application/json", http.StatusUnprocessableEntity, "bad-request"},
		"a list":          {`[]`, "application/json", http.StatusUnprocessableEntity, "bad-request"},
		"more than 64 KB": {`{"lines":[],"member":"` + strings.Repeat("x", 70<<10) + `"}`, "application/json", http.StatusRequestEntityTooLarge, "body-too-large"},
	} {
		a := s.send("POST", quotes, []byte(x.body), func(r *http.Request) { r.Header.Set("Content-Type", x.kind) })
		if a.status != x.status || a.text("code") != x.code {
			s.wrong("POST %s with %s: %v; want %d and %s", quotes, how, a, x.status, x.code)
		}
		s.problem("POST "+quotes+" with "+how, a)
	}
}
