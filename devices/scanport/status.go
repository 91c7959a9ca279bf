package scanport

import (
	"errors"

	"github.com/jifen-pos/jifen/devices/scan"
)

// Status returns how the scanner stands now. It may be called at any time from
// any goroutine.
func (s *Source) Status() scan.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// ready notes that the scanner is being read.
func (s *Source) ready() {
	s.denied = 0
	s.mu.Lock()
	s.status.BadRun = 0
	s.mu.Unlock()
	if s.enter(scan.Ready, s.opt.Ready) {
		s.log.Info("scanner ready")
	}
}

// fault notes why the scanner cannot be read.
func (s *Source) fault(err error) {
	f := &Fault{State: scan.Missing, Sentence: s.opt.Opening}
	errors.As(err, &f)
	if f.Passing {
		now := max(s.opt.Mono(), 1)
		if s.denied == 0 {
			s.denied = now
		}
		if now-s.denied < graceTime {
			return
		}
	} else {
		s.denied = 0
	}
	if s.enter(f.State, f.Sentence) {
		s.log.Warn("scanner not readable", "state", f.State.String(), "err", err)
	}
}

// enter changes the state and the sentence and reports whether that was news.
// An unplugged scanner stays "unplugged" while it is merely not there yet.
func (s *Source) enter(state scan.State, sentence scan.Sentence) bool {
	news := s.become(state, sentence)
	if news {
		s.opt.Changed()
	}
	return news
}

func (s *Source) become(state scan.State, sentence scan.Sentence) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status.State == state && (s.status.Sentence == sentence || state == scan.Missing) {
		return false
	}
	s.status.State, s.status.Sentence, s.status.Since = state, sentence, s.opt.Now()
	return true
}

// count adds an event to the figures, and notes a scanner that sends what makes
// no sense.
func (s *Source) count(e scan.Event) {
	if n := s.add(e); n == scan.GarbledRun && s.enter(scan.Garbled, s.opt.Garbled) {
		s.log.Warn("scanner sends what cannot be read", "last", e.Bad.String(), "in a row", n)
	} else if e.Bad == scan.NotBad && s.enter(scan.Ready, s.opt.Ready) {
		s.log.Info("scanner ready")
	}
}

// add adds an event to the figures and returns how many garbled ones are in a row.
func (s *Source) add(e scan.Event) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case e.Bad == scan.NotBad:
		s.status.Scans++
		s.status.BadRun = 0
		return 0
	case e.Bad.Garbles():
		s.status.BadRun++
	}
	s.status.BadReads++
	return s.status.BadRun
}
