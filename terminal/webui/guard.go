package webui

import (
	"net"
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

// allowedHosts are the exact Host headers of a server on an address: the
// address, the loopback names if it is one of them, and further names.
func allowedHosts(addr string, more []string) map[string]bool {
	hosts := map[string]bool{}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return hosts
	}
	allow := func(name string) {
		hosts[net.JoinHostPort(name, port)] = true
		if port == "80" {
			hosts[name] = true
		}
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		allow("127.0.0.1")
		allow("::1")
		allow("localhost")
	}
	allow(strings.ToLower(host))
	for _, name := range more {
		name = strings.ToLower(name)
		if _, _, err := net.SplitHostPort(name); err == nil {
			hosts[name] = true
			continue
		}
		allow(name)
	}
	return hosts
}
