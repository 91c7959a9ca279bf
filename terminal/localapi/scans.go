package localapi

import (
	"math/rand/v2"
	"strconv"
	"sync"
)

// scansMax is how many scans are kept for a stream that broke.
const scansMax = 64

// ScanEvent is what a scanner of a lane read, as it read it. Beside it the code
// is in the lane's basket already, where it belongs there.
type ScanEvent struct {
	N    int    `json:"n" doc:"grows with every scan of the terminal, and is the id of its event"`
	Lane uint32 `json:"lane"`
	AIM  string `json:"aim,omitempty" doc:"the scanner's AIM identifier" example:"]E0"`
	Code string `json:"code"`
}

// scans keeps the newest scans for streams, numbered from a number of its own,
// so that those of a run before are told from these. It is safe for concurrent
// use.
type scans struct {
	mu     sync.Mutex
	newest int
	list   []ScanEvent // the newest at the end
}

func newScans() *scans { return &scans{newest: 1 + rand.IntN(1<<30)} }

// add keeps a scan.
func (s *scans) add(e ScanEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newest++
	e.N = s.newest
	if len(s.list) == scansMax {
		s.list = s.list[1:]
	}
	s.list = append(s.list, e)
}

// from is the number after which a stream goes on that last heard of the number
// in text: "" is the newest one, and one that is not of this run is before all.
func (s *scans) from(text string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text == "" {
		return s.newest
	}
	n, err := strconv.Atoi(text)
	if first := s.newest - len(s.list); err != nil || n < first || n > s.newest {
		return first
	}
	return n
}

// after lists the scans after a number, oldest first.
func (s *scans) after(n int) []ScanEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]ScanEvent(nil), s.list[len(s.list)-min(s.newest-n, len(s.list)):]...)
}

// Scanned tells the streams what a scanner read.
func (a *API) Scanned(lane uint32, aim, text string) {
	a.scans.add(ScanEvent{Lane: lane, AIM: aim, Code: text})
}
