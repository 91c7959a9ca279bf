package assemble

import (
	"log/slog"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/mqttlink"
	"github.com/jifen-pos/jifen/sync/wire"
)

// downlink lets HQ's end of the exchange talk through an MQTT link.
type downlink struct {
	log *slog.Logger
	end *exchange.HQ
	hq  *hq.HQ
}

var _ mqttlink.Session = (*downlink)(nil)

// Opened does nothing: terminals speak first.
func (d *downlink) Opened(time.Time) {}

// Closed forgets all conversations.
func (d *downlink) Closed(time.Time) { d.end.Closed() }

// Receive takes in a terminal's message or presence.
func (d *downlink) Receive(f mqttlink.Frame, now time.Time) {
	id, up, err := wire.TopicOf(f.Topic)
	if err != nil {
		d.log.Warn("frame on an unknown topic", "error", err)
		return
	}
	if !up {
		d.hq.SetPresence(id, string(f.Payload) == wire.StateOnline)
		return
	}
	if err := d.end.Receive(id, f.Payload, now); err != nil {
		d.log.Error("message not taken in", "terminal", id.String(), "error", err)
	}
}

// Tick sends what HQ wrote for terminals that asked for nothing.
func (d *downlink) Tick(now time.Time) {
	for _, id := range d.hq.News() {
		if err := d.end.Push(id, now); err != nil {
			d.log.Error("entries not sent", "terminal", id.String(), "error", err)
		}
	}
}

// Stalled is never: HQ waits for nobody.
func (d *downlink) Stalled(time.Time) bool { return false }

// Outgoing hands over answers.
func (d *downlink) Outgoing(time.Time) []mqttlink.Frame {
	out := d.end.Outgoing()
	frames := make([]mqttlink.Frame, len(out))
	for i, o := range out {
		frames[i] = mqttlink.Frame{Topic: wire.DownTopic(o.To), Payload: o.Bytes}
	}
	return frames
}
