package mqttlink

import (
	"strings"
	"sync/atomic"
	"testing"
)

// heard is a message of a client that has a topic and nothing in it.
type heard struct{ topic string }

func (h heard) Duplicate() bool   { return false }
func (h heard) Qos() byte         { return 0 }
func (h heard) Retained() bool    { return false }
func (h heard) Topic() string     { return h.topic }
func (h heard) MessageID() uint16 { return 0 }
func (h heard) Payload() []byte   { return nil }
func (h heard) Ack()              {}

func TestInboxCountsTopics(t *testing.T) {
	var dropped atomic.Uint64
	p := &pipe{in: make(chan Frame, inboxFrames), dropped: &dropped}
	p.enqueue(heard{strings.Repeat("x", MaxTopic+1)})
	if len(p.in) != 0 || dropped.Load() != 1 {
		t.Errorf("%d frames wait and %d are dropped, want the one whose topic is too long dropped", len(p.in), dropped.Load())
	}
	p.enqueue(heard{strings.Repeat("x", MaxTopic)})
	if len(p.in) != 1 || p.queued.Load() != MaxTopic {
		t.Errorf("%d frames of %d bytes wait, want one of %d", len(p.in), p.queued.Load(), MaxTopic)
	}
	p.taken(<-p.in)
	if p.queued.Load() != 0 {
		t.Errorf("%d bytes wait in an empty inbox", p.queued.Load())
	}
}
