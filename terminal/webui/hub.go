package webui

import "sync"

// Hub tells open streams that something a page shows has changed. Many changes
// while a stream is busy are one to it.
type Hub struct {
	mu   sync.Mutex
	wake map[chan struct{}]bool
}

// NewHub makes a hub that nobody listens to yet.
func NewHub() *Hub { return &Hub{wake: map[chan struct{}]bool{}} }

// Changed wakes every stream. It never blocks.
func (h *Hub) Changed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.wake {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Subscribe returns a channel that is ready after a change, and what ends it.
func (h *Hub) Subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	h.wake[c] = true
	h.mu.Unlock()
	return c, func() {
		h.mu.Lock()
		delete(h.wake, c)
		h.mu.Unlock()
	}
}
