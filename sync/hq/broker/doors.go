package broker

import (
	"errors"
	"net"
	"sync"
	"time"
)

// farewell is how long a closed connection may take to let go of its client id.
const farewell = 2 * stuck

var errLingering = errors.New("an older connection with its client id does not end")

// doors holds every accepted connection.
type doors struct {
	mu        sync.Mutex
	all       map[*door]bool // true when it has said who it is
	byClient  map[string]*door
	strangers int
	closed    bool
	inside    sync.WaitGroup
}

func newDoors() *doors {
	return &doors{all: map[*door]bool{}, byClient: map[string]*door{}}
}

// enter takes a stranger in, if there is room.
func (s *doors) enter(d *door) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	if len(s.all) >= MaxConnections || s.strangers >= MaxStrangers {
		return errCrowded
	}
	s.all[d] = false
	s.strangers++
	s.inside.Add(1)
	return nil
}

// introduce notes who a stranger is. An older connection with the same client id is closed first and has let go of
// everything before the new one goes on: the server's own way of taking a session over lets the old connection tidy
// up what the new one has just made, which then hears nothing.
func (s *doors) introduce(d *door, who Identity, clientID string) error {
	deadline := time.NewTimer(farewell)
	defer deadline.Stop()
	for {
		old := s.claim(d, who, clientID)
		if old == nil {
			return nil
		}
		_ = old.Close()
		select {
		case <-old.left:
		case <-deadline.C:
			return errLingering
		}
	}
}

// claim gives the client id to d, or returns the connection that still has it.
func (s *doors) claim(d *door, who Identity, clientID string) *door {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.byClient[clientID]; old != nil {
		return old
	}
	d.identity, d.clientID = who, clientID
	s.byClient[clientID] = d
	s.all[d] = true
	s.strangers--
	return nil
}

// leave forgets a connection that the server has let go of.
func (s *doors) leave(d *door) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.all[d] {
		s.strangers--
	}
	delete(s.all, d)
	if s.byClient[d.clientID] == d {
		delete(s.byClient, d.clientID)
	}
	close(d.left)
	s.inside.Done()
}

func (s *doors) kick(terminal string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.byClient {
		if d.identity.Role == Terminal && d.identity.Terminal == terminal {
			_ = d.Close()
		}
	}
}

// shut closes all connections and waits until the server has let go of them.
func (s *doors) shut() {
	s.mu.Lock()
	s.closed = true
	for d := range s.all {
		_ = d.Close()
	}
	s.mu.Unlock()
	s.inside.Wait()
}

func (s *doors) count() (clients, strangers int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.all) - s.strangers, s.strangers
}
