// Package webui is what every page of Jifen is served with: one guarded HTTP
// server, sign-in by PIN, sessions, one event stream a page, embedded assets
// and the language switch. It knows no sale, no point and no page: what is
// shown comes from the packages that mount their routes on it. It never lets
// another site act (sec W2, sec W3) and never stores anything.
package webui

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jifen-pos/jifen/terminal/door"
)

// Limits of one server (sec W5).
const (
	BodyBytesMax   = 64 << 10
	HeaderBytesMax = 32 << 10
	ConnsMax       = 100
	StreamsMax     = 64
	PublicMax      = StreamsMax / 2 // of them, those that anybody may open

	headerWait  = 10 * time.Second
	readWait    = 15 * time.Second
	writeWait   = 30 * time.Second
	stopWait    = time.Second
	beatUsually = 15 * time.Second
)

// ErrListening says that a server listens already.
var ErrListening = errors.New("already listening")

// Options are what a server is made of.
type Options struct {
	Listen string   // host:port; port 0 takes any free one
	Hosts  []string // further names under which the server may be called, with or without a port
	Title  string   // what the sign-in page is headed with, a code of the catalogue
	People []Person
	// Say gives the sentence of a code in a language, with values filled in.
	Say   func(lang, code string, values ...string) string
	Now   func() time.Time // nil: time.Now
	Rand  io.Reader        // nil: crypto/rand
	Idle  time.Duration    // after which a session that nobody uses ends; 0: SessionIdle
	Tries Tries            // keeps wrong PINs over a restart; nil: they end with it
	// LockAfter is how many wrong PINs in a row lock a person, until Tries has
	// them locked no more; 0: none do.
	LockAfter int
	Beat      time.Duration // between signs of life on a stream; 0: 15 s
	Log       *slog.Logger  // nil: none
}

// Server serves pages. It is safe for concurrent use once its routes are set.
type Server struct {
	o        Options
	mux      *http.ServeMux
	assets   *assets
	sessions *Sessions
	pins     *pins
	http     *http.Server
	handler  http.Handler
	streams  atomic.Int64
	public   atomic.Int64 // of them, those that anybody may open

	mu       sync.Mutex
	listener net.Listener
	hosts    map[string]bool
	stopping chan struct{} // closed when streams are to end
	stopped  sync.Once
}

// New makes a server with its shared routes: assets, language, health. It
// neither listens nor starts anything.
func New(o Options) (*Server, error) {
	o = o.complete()
	s := &Server{
		o: o, mux: http.NewServeMux(), sessions: NewSessions(o.Now, o.Rand, o.Idle), stopping: make(chan struct{}),
		assets: &assets{byName: map[string]string{}, byURL: map[string]asset{}},
	}
	var err error
	if s.pins, err = newPINs(o); err != nil {
		return nil, err
	}
	if err := s.AddAssets(shared); err != nil {
		return nil, err
	}
	s.handler = s.guarded(s.mux)
	s.http = &http.Server{
		Handler: s.handler, ReadHeaderTimeout: headerWait, ReadTimeout: readWait, WriteTimeout: writeWait, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: HeaderBytesMax, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	door.New(ConnsMax, BodyBytesMax, func(from net.Addr) {
		o.Log.Warn("too many connections: one that asked nothing was closed", "from", from.String())
	}).Attach(s.http)
	s.hosts = door.Hosts(o.Listen, o.Hosts)
	s.mux.HandleFunc("GET "+assetPath+"{name}", s.assets.serve)
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	s.mux.HandleFunc("GET /session", s.showSession)
	s.mux.HandleFunc("POST /language", s.setLanguage)
	return s, nil
}

func (o Options) complete() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Beat == 0 {
		o.Beat = beatUsually
	}
	if o.Idle == 0 {
		o.Idle = SessionIdle
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Handler is the whole server with its guards, for a test that brings its own
// listener.
func (s *Server) Handler() http.Handler { return s.handler }

// Listen takes the port. A port that is in use is an error whose sentence
// names the address.
func (s *Server) Listen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		return ErrListening
	}
	l, err := net.Listen("tcp", s.o.Listen)
	if err != nil {
		return fmt.Errorf("serve pages on %s: the address is in use or cannot be taken: %w", s.o.Listen, err)
	}
	s.listener = l
	s.hosts = door.Hosts(l.Addr().String(), s.o.Hosts)
	return nil
}

// Addr is where the server listens, or "" before it does.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// Run serves until ctx ends; it takes the port first if Listen has not. It
// ends every stream and returns within about a second.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(); err != nil && !errors.Is(err, ErrListening) {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.http.Serve(s.listener) }()
	select {
	case err := <-served:
		s.endStreams()
		return fmt.Errorf("serve pages on %s: %w", s.Addr(), err)
	case <-ctx.Done():
	}
	s.endStreams()
	err := s.stop()
	<-served
	return err
}

func (s *Server) endStreams() { s.stopped.Do(func() { close(s.stopping) }) }

func (s *Server) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	if s.http.Shutdown(ctx) == nil {
		return nil
	}
	if err := s.http.Close(); err != nil {
		return fmt.Errorf("stop serving pages: %w", err)
	}
	return nil
}

// Open serves a route to anybody.
func (s *Server) Open(pattern string, h http.HandlerFunc) { s.mux.HandleFunc(pattern, h) }

// Signed serves a route to people who have signed in; others get 401.
func (s *Server) Signed(pattern string, h func(http.ResponseWriter, *http.Request, Person)) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		p, ok := s.Who(r)
		if !ok {
			s.Reply(w, r, &Fault{Status: http.StatusUnauthorized, Code: "sign-in-needed"})
			return
		}
		h(w, r, p)
	})
}
