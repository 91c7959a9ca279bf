package webui

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits of sessions (sec U6).
const (
	SessionIdle = 30 * time.Minute // where the options say nothing
	SessionLife = 12 * time.Hour
	SessionsMax = 256

	tokenBytes = 32
)

// Person is somebody who may sign in.
type Person struct {
	ID   string
	Name string
	Role string // what they may do; its meaning is the pages'
	PIN  string // argon2id in its encoded form
	Via  string // the program that vouched for them; "" where they gave their PIN
}

// session is a browser in which somebody has signed in.
type session struct {
	person     Person
	made, seen time.Time
}

// Sessions are those in which people have signed in. They are kept in memory only:
// after a restart people sign in again. It is safe for concurrent use.
type Sessions struct {
	now  func() time.Time
	rand io.Reader
	idle time.Duration

	mu   sync.Mutex
	open map[string]session
}

// NewSessions makes sessions that end when nobody uses them for a while; what is
// drawn from rand keeps others out of them.
func NewSessions(now func() time.Time, rand io.Reader, idle time.Duration) *Sessions {
	return &Sessions{now: now, rand: rand, idle: idle, open: map[string]session{}}
}

// Start lets somebody in, and returns what they show from then on.
func (s *Sessions) Start(p Person) (string, error) {
	var b [tokenBytes]byte
	if _, err := io.ReadFull(s.rand, b[:]); err != nil {
		return "", fmt.Errorf("draw a session: %w", err)
	}
	token := base64.RawURLEncoding.EncodeToString(b[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	now := s.now()
	s.open[token] = session{person: p, made: now, seen: now}
	return token, nil
}

// sweep drops what has ended, and the longest idle one if there are too many.
func (s *Sessions) sweep() {
	oldest := ""
	for token, x := range s.open {
		if s.ended(x) {
			delete(s.open, token)
		} else if oldest == "" || x.seen.Before(s.open[oldest].seen) {
			oldest = token
		}
	}
	if len(s.open) >= SessionsMax {
		delete(s.open, oldest)
	}
}

func (s *Sessions) ended(x session) bool {
	now := s.now()
	return now.Sub(x.seen) >= s.idle || now.Sub(x.made) >= SessionLife
}

// Find returns who holds a session; touch counts as use of it.
func (s *Sessions) Find(token string, touch bool) (Person, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.open[token]
	if !ok || s.ended(x) {
		delete(s.open, token)
		return Person{}, false
	}
	if touch {
		x.seen = s.now()
		s.open[token] = x
	}
	return x.person, true
}

// End ends a session, if there is one.
func (s *Sessions) End(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, token)
}

// cookieName differs by port, because browsers send cookies to every port of a
// machine, and several tills may run on one.
func (s *Server) cookieName(r *http.Request) string {
	_, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		port = "80"
	}
	return "jifen-" + port
}

// Who tells who has signed in, and counts as use of the session.
func (s *Server) Who(r *http.Request) (Person, bool) { return s.who(r, true) }

func (s *Server) who(r *http.Request, touch bool) (Person, bool) {
	c, err := r.Cookie(s.cookieName(r))
	if err != nil {
		return Person{}, false
	}
	return s.sessions.Find(c.Value, touch)
}

// Check checks a PIN and starts no session: for somebody who lends a right to
// one request. Faults as of SignIn.
func (s *Server) Check(ctx context.Context, id, pin string) (Person, error) {
	p, err := s.pins.check(ctx, id, pin)
	if err != nil {
		s.o.Log.Warn("right not lent", "person", p.ID, "reason", err.Error())
	}
	return p, err
}

// People are those who may sign in, as they were given.
func (s *Server) People() []Person { return s.pins.ordered }

// Locked lists who may try no more PINs.
func (s *Server) Locked() []Person { return s.pins.lockedOut() }

// SignIn checks a PIN and starts a session. A wrong PIN and a wait after too
// many are Faults.
func (s *Server) SignIn(w http.ResponseWriter, r *http.Request, id, pin string) (Person, error) {
	p, err := s.pins.check(r.Context(), id, pin)
	if err != nil {
		s.o.Log.Warn("sign-in refused", "person", p.ID, "reason", err.Error())
		return Person{}, err
	}
	s.SignOut(w, r) // a session of before is not carried on
	token, err := s.sessions.Start(p)
	if err != nil {
		return Person{}, err
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.cookieName(r), Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	return p, nil
}

// SignOut ends the session of a browser, if there is one.
func (s *Server) SignOut(w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie(s.cookieName(r))
	if err != nil {
		return
	}
	s.sessions.End(c.Value)
	http.SetCookie(w, &http.Cookie{Name: c.Name, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// showSession tells a page whose stream broke whether to connect again (204)
// or to load again and show the sign-in (401).
func (s *Server) showSession(w http.ResponseWriter, r *http.Request) {
	var err error
	if _, ok := s.who(r, false); !ok {
		err = &Fault{Status: http.StatusUnauthorized, Code: "sign-in-needed"}
	}
	s.Reply(w, r, err)
}
