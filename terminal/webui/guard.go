package webui

import (
	"net/http"
	"strings"
)

// policy lets a page load and reach nothing but this server (sec W4).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guarded puts the guards before the routes: who is called, who calls, and how
// much is sent.
func (s *Server) guarded(routes http.Handler) http.Handler {
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Reply(w, r, &Fault{Status: http.StatusForbidden, Code: "foreign-page"})
	}))
	inner := foreign.Handler(routes)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setHeaders(w.Header())
		if !s.called(r.Host) {
			s.Reply(w, r, &Fault{Status: http.StatusMisdirectedRequest, Code: "wrong-host"})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, BodyBytesMax)
		inner.ServeHTTP(w, r)
	})
}

func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// called reports whether a Host header names this server (sec W2): a page of
// another site whose name was made to lead here does not.
func (s *Server) called(host string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hosts[strings.ToLower(host)]
}
