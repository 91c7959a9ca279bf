// Package downlink lets HQ's end of the exchange talk through an MQTT link.
package downlink

import (
	"log/slog"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/mqttlink"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Link lets HQ's end of the exchange talk through an MQTT link. Batches wait
// in it, so that a question of one terminal is answered before the backlogs of
// all are taken in, and a sale of today before them too.
type Link struct {
	log  *slog.Logger
	end  *exchange.HQ
	hq   Headquarters
	wake chan struct{}

	live, backlog []brought
	waiting       map[ledger.TerminalID]int // in backlog
	room          room                      // of both
	came          bool                      // something came since the last look
}

// Headquarters is what a link needs of HQ beside its end of the exchange.
type Headquarters interface {
	Refused(id ledger.TerminalID, raw []byte, why error)
	SetPresence(id ledger.TerminalID, online bool)
	News() []ledger.TerminalID
}

// brought is a batch that waits.
type brought struct {
	from  ledger.TerminalID
	frame []byte
}

const (
	liveBytesMax = 4 << 10 // a batch up to this is of sales of today
	slowFrom     = 64      // waiting from which terminals are asked to slow down
	pauseFor     = 50 * time.Millisecond
)

// New makes a link for an end of the exchange, which asks terminals to slow down as
// the link's pause says.
func New(log *slog.Logger, h Headquarters, end func(pause func(ledger.TerminalID) time.Duration) *exchange.HQ) *Link {
	d := &Link{log: log, hq: h, wake: make(chan struct{}, 1), waiting: map[ledger.TerminalID]int{}}
	d.end = end(d.pause)
	return d
}

// Wake says that there is more to take in.
func (d *Link) Wake() <-chan struct{} { return d.wake }

// pause is how long a terminal is asked to wait: the longer the more wait.
func (d *Link) pause(ledger.TerminalID) time.Duration {
	return time.Duration(max(len(d.backlog)-slowFrom, 0)) * pauseFor
}

var _ mqttlink.Session = (*Link)(nil)

// Opened does nothing: terminals speak first.
func (d *Link) Opened(time.Time) {}

// Closed forgets all conversations.
func (d *Link) Closed(time.Time) {
	d.live, d.backlog, d.room = nil, nil, room{}
	clear(d.waiting)
	d.end.Closed()
}

// Receive takes in a terminal's message or presence.
func (d *Link) Receive(f mqttlink.Frame, now time.Time) {
	id, up, err := wire.TopicOf(f.Topic)
	if err != nil {
		d.hq.Refused(0, f.Payload, err)
		return
	}
	if !up {
		d.hq.SetPresence(id, string(f.Payload) == wire.StateOnline)
		return
	}
	d.came = true
	if e, err := wire.Open(f.Payload); err != nil || e.Kind != wire.KindBatch {
		d.take(brought{id, f.Payload}, now)
		return
	}
	switch b := (brought{id, f.Payload}); {
	case !d.room.take(id, f.Payload):
		d.log.Warn("batch dropped: too many wait", "terminal", id.String())
	case len(f.Payload) <= liveBytesMax && d.waiting[id] == 0: // else it would come before those that it follows on
		d.live = append(d.live, b)
	default:
		d.backlog = append(d.backlog, b)
		d.waiting[id]++
	}
}

func (d *Link) take(b brought, now time.Time) {
	if err := d.end.Receive(b.from, b.frame, now); err != nil {
		d.log.Error("message not taken in", "terminal", b.from.String(), "error", err)
	}
}

// takeTogether takes in what has waited longest in a list, and what waits behind it of
// the same terminal.
func (d *Link) takeTogether(list *[]brought, now time.Time) (from ledger.TerminalID, n int) {
	from = (*list)[0].from
	var frames [][]byte
	*list = slices.DeleteFunc(*list, func(b brought) bool {
		if b.from != from || len(frames) == exchange.Together {
			return false
		}
		frames = append(frames, b.frame)
		d.room.free(from, b.frame)
		return true
	})
	if err := d.end.ReceiveTogether(from, frames, now); err != nil {
		d.log.Error("batches not taken in", "terminal", from.String(), "error", err)
	}
	return from, len(frames)
}

// next takes in what waits, a few batches of one terminal at most, unless something
// has just come: it may be a question.
func (d *Link) next(now time.Time) {
	switch {
	case d.came:
		d.came = false
	case len(d.live) > 0:
		d.takeTogether(&d.live, now)
	case len(d.backlog) > 0:
		from, n := d.takeTogether(&d.backlog, now)
		if d.waiting[from] -= n; d.waiting[from] == 0 {
			delete(d.waiting, from)
		}
	}
	if len(d.live)+len(d.backlog) > 0 {
		select {
		case d.wake <- struct{}{}:
		default:
		}
	}
}

// Tick sends what HQ wrote for terminals that asked for nothing.
func (d *Link) Tick(now time.Time) {
	for _, id := range d.hq.News() {
		if err := d.end.Push(id, now); err != nil {
			d.log.Error("entries not sent", "terminal", id.String(), "error", err)
		}
	}
}

// Stalled is never: HQ waits for nobody.
func (d *Link) Stalled(time.Time) bool { return false }

// Outgoing hands over answers.
func (d *Link) Outgoing(now time.Time) []mqttlink.Frame {
	d.next(now)
	out := d.end.Outgoing()
	frames := make([]mqttlink.Frame, len(out))
	for i, o := range out {
		frames[i] = mqttlink.Frame{Topic: wire.DownTopic(o.To), Payload: o.Bytes}
	}
	return frames
}
