package simworld

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// line is the way between a board and HQ, the broker in it.
type line struct {
	connected bool
	noUp      bool
	noDown    bool
	calling   bool // a try to connect is due
	tries     int  // in vain, since HQ last answered
	life      int  // of the card: what was on its way from an earlier one is gone
	old       [2][][]byte
}

// oldKept is how many messages a hostile broker remembers for each direction.
const oldKept = 40

func (b *board) connectSoon(d time.Duration) {
	if b.line.calling {
		return
	}
	b.line.calling = true
	b.w.After(d, func() {
		b.line.calling = false
		b.connect()
	})
}

// connect opens a conversation, unless the line is cut or nobody answers.
func (b *board) connect() {
	switch {
	case !b.on || b.line.connected:
		return
	case b.line.noUp && b.line.noDown || b.w.broker.off:
		b.connectSoon(b.w.Between(10*time.Minute, time.Hour))
		return
	}
	b.line.connected = true
	b.w.Mark("connected")
	if !b.believed(b.end.Opened(b.now())) {
		return
	}
	b.pump()
}

func (b *board) hangUp() {
	if b.line.connected {
		b.line.connected = false
		b.end.Closed()
	}
}

// now is the time that the link's timers go by: it never steps.
func (b *board) now() time.Time { return b.w.Wall() }

// partition cuts the line for a while, one way or both.
func (b *board) partition() {
	if b.line.noUp || b.line.noDown {
		return
	}
	how := pick(b.w, []string{"partition", "partition", "partition", "up-only", "down-only"})
	b.line.noUp, b.line.noDown = how != "up-only", how != "down-only"
	long := b.w.Between(10*time.Minute, 12*time.Hour)
	if b.w.Hit(3000) {
		long = b.w.Between(day, 60*day)
		b.w.Mark("long-partition")
	}
	b.w.Mark(how)
	b.happened(tale.LineCut)
	if b.w.Hit(5000) {
		b.hangUp()
	} else {
		b.w.Mark("half-open")
	}
	b.w.After(long, func() {
		b.happened(tale.LineBack)
		b.line.noUp, b.line.noDown, b.line.tries = false, false, 0
		b.connectSoon(b.w.Between(time.Second, time.Minute))
	})
}

// flap is a line that comes and goes: another client with the same name.
func (b *board) flap() {
	b.w.Mark("two-clients-one-id")
	for n := range 5 {
		b.w.After(time.Duration(n)*10*time.Second, func() {
			if b.on {
				b.hangUp()
				b.connectSoon(5 * time.Second)
			}
		})
	}
}

// broker is what messages go through.
type broker struct {
	off  bool
	life int // what was on its way in an earlier one is gone
}

// brokerRestart loses everything that is on its way, and all conversations.
func (w *World) brokerRestart() {
	w.Mark("broker-restart")
	w.broker.off = true
	w.broker.life++
	for _, h := range w.hqs() {
		h.BrokerOff = true
		h.HangUp()
	}
	for _, b := range w.boards {
		if b.on {
			b.hangUp()
			b.connectSoon(w.Between(time.Minute, 30*time.Minute))
		}
	}
	w.After(w.Between(time.Second, 20*time.Minute), w.brokerBack)
}

func (w *World) brokerBack() {
	w.broker.off = false
	for _, h := range w.hqs() {
		h.BrokerOff = false
	}
}

// send puts a message on the line, which does with it what lines do.
func (b *board) send(up bool, raw []byte) {
	way := 0
	if up {
		way = 1
	}
	f, l := &b.w.faults, &b.line
	if up && l.noUp || !up && l.noDown {
		b.w.Mark("lost-in-partition")
		return
	}
	if len(l.old[way]) < oldKept {
		l.old[way] = append(l.old[way], raw)
	} else {
		l.old[way][b.w.Random.IntN(oldKept)] = raw
	}
	if b.w.Harm(f.Loss) {
		b.w.Mark("lost")
		return
	}
	b.carry(up, raw)
	switch {
	case b.w.Harm(f.Double):
		b.w.Mark("doubled")
		b.carry(up, raw)
	case b.w.Harm(f.Corrupt):
		b.w.Mark("corrupted")
		bad := bytes.Clone(raw)
		bad[b.w.Random.IntN(len(bad))] ^= byte(1 + b.w.Random.IntN(255))
		b.carry(up, bad)
	case b.w.Harm(f.Replay):
		b.w.Mark("replayed")
		b.carry(up, pick(b.w, l.old[way]))
	case b.w.Harm(f.Forge):
		b.forge(up)
	}
}

// carry delivers a message later.
func (b *board) carry(up bool, raw []byte) {
	d, life, card := b.w.Between(5*time.Millisecond, 400*time.Millisecond), b.w.broker.life, b.line.life
	if b.w.Harm(b.w.faults.Late) {
		b.w.Mark("hours-late")
		d = b.w.Between(time.Minute, 5*time.Hour)
	}
	b.w.After(d, func() {
		if life != b.w.broker.life { // the broker has forgotten it
			b.w.Mark("acked-and-forgotten")
			return
		}
		if up && card != b.line.life {
			return
		}
		if up {
			for _, h := range b.w.hqs() {
				h.Receive(b.id, raw)
			}
		} else {
			b.receive(raw)
		}
	})
}

// forge makes a message that nobody entitled to it sent.
func (b *board) forge(up bool) {
	thief := keyOf("thief")
	if up {
		b.w.Mark("forged-up")
		b.carry(true, wire.Seal(b.id, 0, &wire.Report{Down: 1 << 40}, thief))
		return
	}
	switch b.w.Random.IntN(3) {
	case 0:
		b.w.Mark("forged-ack")
		if h := b.left; h != nil {
			b.carry(false, wire.Seal(b.id, 1, &wire.Ack{Head: *h, Wall: b.w.Wall().UnixMilli()}, thief))
		}
	case 1:
		b.w.Mark("forged-note")
		b.carry(false, wire.Seal(b.id, 1, b.loot(keyOf("thief")), keyOf("headquarters")))
	case 2:
		b.w.Mark("foreign")
		if other := pick(b.w, b.w.boards); len(other.line.old[0]) > 0 {
			b.carry(false, pick(b.w, other.line.old[0]))
		}
	}
}

// loot is a note that HQ never gave.
func (b *board) loot(key ed25519.PrivateKey) *wire.Down {
	mark := ledger.DownSeq(1)
	if rows := b.disk.See().Row("h"); rows != nil {
		var h fold.Head
		if codec.Own(rows, &h) == nil {
			mark = h.Mark + 1
		}
	}
	today := b.w.rules.Programme.Day(b.w.Wall())
	origin := lot.Origin{Incarnation: 99, Seq: uint64(mark)}
	l := lot.Lot{ID: lot.ID{Origin: origin}, Owner: pick(b.w, b.w.people).id, Asset: points, Amount: 5000, Earned: today, Expires: today + 90}
	n := &lot.Note{ID: origin, Terminal: uint32(b.id), Holdings: []lot.Holding{{Lot: l, Amount: 5000}}}
	if b.left != nil {
		n.Incarnation = uint64(b.left.Incarnation)
	}
	raw := ledger.SignDown(ledger.Down{Terminal: b.id, Epoch: 1, Seq: mark, Note: n}, key)
	return &wire.Down{First: mark, Entries: [][]byte{raw}}
}

// receive hands a message from HQ to the terminal.
func (b *board) receive(raw []byte) {
	if !b.on || !b.line.connected {
		b.w.Mark("nobody-there")
		return
	}
	if b.believed(b.end.Receive(raw, b.now())) {
		if b.end != nil && b.end.Online() {
			b.line.tries = 0
		}
		b.pump()
	}
}

// believed deals with what the exchange says of a message.
func (b *board) believed(err error) bool {
	switch {
	case err == nil:
	case b.disk.Dead():
		return b.ok(err)
	case errors.Is(err, wire.ErrSignature), errors.Is(err, exchange.ErrForeign), errors.Is(err, codec.ErrMalformed),
		errors.Is(err, wire.ErrKind), errors.Is(err, wire.ErrVersion):
		b.w.Mark("terminal-disbelieved")
	case errors.Is(err, exchange.ErrEpoch):
		b.w.Mark("stale-epoch")
	case errors.Is(err, exchange.ErrAck):
		b.w.Mark("ack-of-what-is-lost")
	case errors.Is(err, fold.ErrOrder):
		b.w.Mark("down-gap")
	case errors.Is(err, clerk.ErrStopped):
	default:
		b.w.Fail("error", "%s: %v", b.id, err)
	}
	return true
}

// soon has the board look at what is to be sent.
func (b *board) soon(d time.Duration) {
	at := b.w.Now + d
	if b.pumping != 0 && b.pumping <= at && b.pumping > b.w.Now {
		return
	}
	b.pumping = at
	b.w.After(d, func() {
		if b.pumping == at {
			b.pumping = 0
			b.pump()
		}
	})
}

// pump does what a terminal does by itself, and sends what there is to send.
func (b *board) pump() {
	if !b.on || !b.ok(b.till.Tick()) && !b.on {
		return
	}
	b.waits.Ticked(b.reading().Mono)
	b.newRules()
	if !b.line.connected {
		return
	}
	if b.end.Stalled(b.now()) {
		b.w.Mark("stalled")
		b.hangUp()
		b.line.tries = min(b.line.tries+1, 9)
		b.connectSoon(b.w.Between(time.Second, time.Second<<b.line.tries*4))
		return
	}
	if !b.believed(b.end.Tick(b.now())) {
		return
	}
	for _, a := range b.asks {
		b.end.Ask(a)
	}
	b.asks = nil
	out, err := b.end.Outgoing(b.now())
	b.w.Must("what is to be sent", err)
	news := false
	for _, o := range out {
		b.send(true, o.Bytes)
		news = news || o.Sure
	}
	b.again(news)
}

// again looks again later while something is outstanding, less and less often.
func (b *board) again(sent bool) {
	if sent {
		b.patience = time.Second
	}
	p, err := b.Status()
	b.w.Must("read progress", err)
	busy := p.Backlog > 0 || !b.end.Online() || len(b.asks) > 0
	if !busy && b.patience > 5*time.Second {
		if b.pumping > b.w.Now { // not to see whether something was lost: for what is due when it is quiet
			b.soon(b.w.Between(6*time.Second, 12*time.Second))
		}
		return
	}
	b.patience = min(max(6*b.patience, time.Second), 3*time.Minute)
	b.soon(b.patience + b.w.Between(0, b.patience))
}
