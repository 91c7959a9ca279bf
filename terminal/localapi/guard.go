package localapi

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync/atomic"

	"github.com/jifen-pos/jifen/terminal/door"
)

// Limits of the interface (sec W5).
const (
	bodyBytesMax   = 64 << 10
	headerBytesMax = 16 << 10
	connsMax       = 100
	callersMax     = 64 // at once
	streamsMax     = 16
)

// gauge counts what is going on at once.
type gauge struct {
	n   atomic.Int64
	max int64
}

func (g *gauge) enter() bool {
	if g.n.Add(1) > g.max {
		g.n.Add(-1)
		return false
	}
	return true
}

func (g *gauge) leave() { g.n.Add(-1) }

// Local is the whole interface for callers over the unix socket: who may open
// that, the folder's mode says.
func (a *API) Local() http.Handler { return a.limited(a.mux) }

// Remote is the whole interface for callers over TCP: with the token, by the
// right name (sec W2), and from no web page (sec W3).
func (a *API) Remote(addr string) http.Handler {
	hosts := door.Hosts(addr, a.o.Hosts)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !hosts[strings.ToLower(r.Host)]:
			a.refuse(w, r, problem(http.StatusMisdirectedRequest, "wrong-host"))
		case r.Header.Get("Origin") != "" || !own(r.Header.Get("Sec-Fetch-Site")):
			a.refuse(w, r, problem(http.StatusForbidden, "foreign-page"))
		case !a.open(r) && !a.knows(r.Header.Get("Authorization")):
			w.Header().Set("WWW-Authenticate", `Bearer realm="jifen"`)
			a.refuse(w, r, problem(http.StatusUnauthorized, "token-needed"))
		default:
			a.limited(a.mux).ServeHTTP(w, r)
		}
	})
}

// own reports whether a browser says that no page of another site asks.
func own(site string) bool { return site == "" || site == "none" || site == "same-origin" }

// open are the pages that describe the interface: they hold nothing of anybody.
func (a *API) open(r *http.Request) bool {
	return r.Method == http.MethodGet &&
		(r.URL.Path == Base+"/docs" || strings.HasPrefix(r.URL.Path, Base+"/openapi") || strings.HasPrefix(r.URL.Path, Base+"/schemas/"))
}

// knows compares a token without telling by the time how much of it is right.
func (a *API) knows(authorization string) bool {
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	got, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(a.o.Token))
	return ok && a.o.Token != "" && subtle.ConstantTimeCompare(got[:], want[:]) == 1 || a.caller(authorization) != nil
}

func (a *API) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !a.callers.enter() {
			a.refuse(w, r, problem(http.StatusServiceUnavailable, "too-many-callers"))
			return
		}
		defer a.callers.leave()
		if p := a.formOf(w, r); p != nil {
			a.refuse(w, r, p)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyBytesMax)
		if c := a.caller(r.Header.Get("Authorization")); c != nil {
			r = r.WithContext(context.WithValue(r.Context(), callerKey{}, c))
		}
		next.ServeHTTP(w, r)
	})
}

// formOf is what is wrong with a request before any route sees it: a path that
// is none of ours or that plays tricks, another method, or a body that a form of
// a page could send too.
func (a *API) formOf(w http.ResponseWriter, r *http.Request) *Problem {
	if path.Clean(r.URL.Path) != r.URL.Path {
		return problem(http.StatusNotFound, "no-such-thing")
	}
	if _, pattern := a.mux.Handler(r); pattern == "" {
		allowed := a.methods(r)
		if len(allowed) == 0 {
			return problem(http.StatusNotFound, "no-such-thing")
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return problem(http.StatusMethodNotAllowed, "method-not-allowed")
	}
	if r.Method == http.MethodPost || r.Method == http.MethodPut {
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			return problem(http.StatusUnsupportedMediaType, "json-only")
		}
	}
	return nil
}

// methods are those under which a path is ours.
func (a *API) methods(r *http.Request) (list []string) {
	for _, m := range []string{http.MethodDelete, http.MethodGet, http.MethodPost, http.MethodPut} {
		if _, pattern := a.mux.Handler(&http.Request{Method: m, URL: r.URL, Host: r.Host}); pattern != "" {
			list = append(list, m)
		}
	}
	return list
}
