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
	b.w.after(d, func() {
		b.line.calling = false
		b.connect()
	})
}

// connect opens a conversation, unless the line is cut or nobody answers.
func (b *board) connect() {
	switch {
	case !b.on || b.line.connected:
		return
	case b.line.noUp && b.line.noDown || b.w.office.brokerOff:
		b.connectSoon(b.w.between(10*time.Minute, time.Hour))
		return
	}
	b.line.connected = true
	b.w.mark("connected")
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
func (b *board) now() time.Time { return b.w.wall() }

// partition cuts the line for a while, one way or both.
func (b *board) partition() {
	if b.line.noUp || b.line.noDown {
		return
	}
	how := pick(b.w, []string{"partition", "partition", "partition", "up-only", "down-only"})
	b.line.noUp, b.line.noDown = how != "up-only", how != "down-only"
	long := b.w.between(10*time.Minute, 12*time.Hour)
	if b.w.hit(3000) {
		long = b.w.between(day, 60*day)
		b.w.mark("long-partition")
	}
	b.w.mark(how)
	b.happened(tale.LineCut)
	if b.w.hit(5000) {
		b.hangUp()
	} else {
		b.w.mark("half-open")
	}
	b.w.after(long, func() {
		b.happened(tale.LineBack)
		b.line.noUp, b.line.noDown, b.line.tries = false, false, 0
		b.connectSoon(b.w.between(time.Second, time.Minute))
	})
}

// flap is a line that comes and goes: another client with the same name.
func (b *board) flap() {
	b.w.mark("two-clients-one-id")
	for n := range 5 {
		b.w.after(time.Duration(n)*10*time.Second, func() {
			if b.on {
				b.hangUp()
				b.connectSoon(5 * time.Second)
			}
		})
	}
}

// brokerRestart loses everything that is on its way, and all conversations.
func (w *World) brokerRestart() {
	w.mark("broker-restart")
	w.office.brokerOff = true
	w.office.life++
	w.office.end.Closed()
	for _, b := range w.boards {
		if b.on {
			b.hangUp()
			b.connectSoon(w.between(time.Minute, 30*time.Minute))
		}
	}
	w.after(w.between(time.Second, 20*time.Minute), func() { w.office.brokerOff = false })
}

// send puts a message on the line, which does with it what lines do.
func (b *board) send(up bool, raw []byte) {
	way := 0
	if up {
		way = 1
	}
	f, l := &b.w.faults, &b.line
	if up && l.noUp || !up && l.noDown {
		b.w.mark("lost-in-partition")
		return
	}
	if len(l.old[way]) < oldKept {
		l.old[way] = append(l.old[way], raw)
	} else {
		l.old[way][b.w.random.IntN(oldKept)] = raw
	}
	if b.w.harm(f.loss) {
		b.w.mark("lost")
		return
	}
	b.carry(up, raw)
	switch {
	case b.w.harm(f.double):
		b.w.mark("doubled")
		b.carry(up, raw)
	case b.w.harm(f.corrupt):
		b.w.mark("corrupted")
		bad := bytes.Clone(raw)
		bad[b.w.random.IntN(len(bad))] ^= byte(1 + b.w.random.IntN(255))
		b.carry(up, bad)
	case b.w.harm(f.replay):
		b.w.mark("replayed")
		b.carry(up, pick(b.w, l.old[way]))
	case b.w.harm(f.forge):
		b.forge(up)
	}
}

// carry delivers a message later.
func (b *board) carry(up bool, raw []byte) {
	d, life, card := b.w.between(5*time.Millisecond, 400*time.Millisecond), b.w.office.life, b.line.life
	if b.w.harm(b.w.faults.late) {
		b.w.mark("hours-late")
		d = b.w.between(time.Minute, 5*time.Hour)
	}
	b.w.after(d, func() {
		if life != b.w.office.life { // the broker has forgotten it
			b.w.mark("acked-and-forgotten")
			return
		}
		if up && card != b.line.life {
			return
		}
		if up {
			b.w.office.receive(b, raw)
		} else {
			b.receive(raw)
		}
	})
}

// forge makes a message that nobody entitled to it sent.
func (b *board) forge(up bool) {
	thief := keyOf("thief")
	if up {
		b.w.mark("forged-up")
		b.carry(true, wire.Seal(b.id, 0, &wire.Report{Down: 1 << 40}, thief))
		return
	}
	switch b.w.random.IntN(3) {
	case 0:
		b.w.mark("forged-ack")
		if h := b.left; h != nil {
			b.carry(false, wire.Seal(b.id, 1, &wire.Ack{Head: *h, Wall: b.w.wall().UnixMilli()}, thief))
		}
	case 1:
		b.w.mark("forged-note")
		b.carry(false, wire.Seal(b.id, 1, b.loot(keyOf("thief")), b.w.office.key))
	case 2:
		b.w.mark("foreign")
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
		if codec.Unmarshal(bytes.Clone(rows), &h) == nil {
			mark = h.Mark + 1
		}
	}
	today := b.w.rules.programme.Day(b.w.wall())
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
		b.w.mark("nobody-there")
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
		b.w.mark("terminal-disbelieved")
	case errors.Is(err, exchange.ErrAck):
		b.w.mark("ack-of-what-is-lost")
	case errors.Is(err, fold.ErrOrder):
		b.w.mark("down-gap")
	case errors.Is(err, clerk.ErrStopped):
	default:
		b.w.fail("error", "%s: %v", b.id, err)
	}
	return true
}

// soon has the board look at what is to be sent.
func (b *board) soon(d time.Duration) {
	at := b.w.now + d
	if b.pumping != 0 && b.pumping <= at && b.pumping > b.w.now {
		return
	}
	b.pumping = at
	b.w.after(d, func() {
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
	if !b.line.connected {
		return
	}
	if b.end.Stalled(b.now()) {
		b.w.mark("stalled")
		b.hangUp()
		b.line.tries = min(b.line.tries+1, 9)
		b.connectSoon(b.w.between(time.Second, time.Second<<b.line.tries*4))
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
	b.w.must("what is to be sent", err)
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
	b.w.must("read progress", err)
	busy := p.Backlog > 0 || !b.end.Online() || len(b.asks) > 0
	if !busy && b.patience > 20*time.Second {
		return
	}
	b.patience = min(max(2*b.patience, time.Second), time.Minute)
	b.soon(b.patience + b.w.between(0, b.patience))
}
