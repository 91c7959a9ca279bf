package mqttlink

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const (
	tick = 200 * time.Millisecond
	// patience is how many ticks a client may take to say why its connection ended.
	patience = 5
	// grace is how long a stopping link waits for its last client.
	grace = 900 * time.Millisecond
)

// A Link keeps one connection to a broker.
type Link struct {
	o       Options
	session Session
	host    string // the broker as people know it

	live    atomic.Int64
	dropped atomic.Uint64
	closing sync.WaitGroup

	mu     sync.Mutex
	status Status
}

// New makes a link that carries s. It starts nothing.
func New(o Options, s Session) *Link {
	l := &Link{o: o.withDefaults(), session: s}
	l.host, _, _ = address(o.URL)
	l.status.Since = l.o.Now()
	return l
}

// Status says how the link is. It may be called from anywhere.
func (l *Link) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.status
	s.Dropped = l.dropped.Load()
	s.LiveClients = int(l.live.Load())
	return s
}

// Run connects and keeps the session supplied until ctx ends; it returns nil then, within a second. It may be called
// once.
func (l *Link) Run(ctx context.Context) error {
	r := &run{Link: l, ctx: ctx, wake: l.o.Wake, retry: time.NewTimer(0)}
	defer r.retry.Stop()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for r.step(ticker.C) {
		r.ask()
	}
	r.stop()
	return nil
}

// retire ends a pipe in the background and keeps count of it.
func (l *Link) retire(p *pipe, polite bool) {
	l.closing.Go(func() {
		defer l.live.Add(-1)
		p.abandon(polite)
	})
}

func (l *Link) note(change func(*Status)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.status)
}

// attempt is how a try to connect ended.
type attempt struct {
	pipe *pipe
	err  error
}

// run is what only the goroutine of Run touches.
type run struct {
	*Link
	ctx  context.Context
	wake <-chan struct{}

	retry   *time.Timer    // when to try next
	attempt <-chan attempt // a try under way, or nil
	pipe    *pipe          // the open connection, or nil

	opened   time.Time
	failures int       // in a row
	pending  []Frame   // to publish, in order
	waiting  int       // QoS 1 publishes without an end
	progress time.Time // when one of them last ended, or the first began
	shuts    int       // ticks in a row at which the client was not open
}

// step waits for one thing to happen and deals with it; false when it is time to stop.
func (r *run) step(ticks <-chan time.Time) bool {
	p := r.channels()
	var news <-chan struct{}
	if r.arrived(p) {
		news = ended // the session is asked at once, unless something else is to be done too
	}
	out, head := r.head()
	select {
	case <-r.ctx.Done():
		return false
	case <-ticks:
		r.tick()
	case _, ok := <-r.wake:
		if !ok {
			r.wake = nil
		}
	case <-r.retry.C:
		r.try()
	case a := <-r.attempt:
		r.tried(a)
	case f := <-p.in:
		p.taken(f)
		r.session.Receive(f, r.o.Now())
	case err := <-p.lost:
		r.drop(err, false)
	case <-p.acked:
		r.waiting--
		r.progress = r.o.Now()
	case out <- head:
		r.handed(head)
	case <-news:
	}
	return true
}

// arrived hands over what has come already: it may be more urgent than what the
// session has to do by itself.
func (r *run) arrived(p *pipe) bool {
	for n := range inboxFrames {
		select {
		case f := <-p.in:
			p.taken(f)
			r.session.Receive(f, r.o.Now())
		default:
			return n > 0
		}
	}
	return true
}

// ended is a channel that is closed.
var ended = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// silent has no channels: nothing ever comes from it.
var silent = &pipe{}

// channels is the open pipe, or one whose channels never speak.
func (r *run) channels() *pipe {
	if r.pipe != nil {
		return r.pipe
	}
	return silent
}

// head is the frame to publish next, if there is one and the window lets it pass.
func (r *run) head() (chan<- Frame, Frame) {
	if r.pipe == nil || len(r.pending) == 0 {
		return nil, Frame{}
	}
	f := r.pending[0]
	if f.QoS > 0 && r.waiting >= Window {
		return nil, Frame{}
	}
	return r.pipe.out, f
}

func (r *run) handed(f Frame) {
	r.pending = r.pending[1:]
	if f.QoS == 0 {
		return
	}
	if r.waiting == 0 {
		r.progress = r.o.Now()
	}
	r.waiting++
}

// ask takes more frames from the session when there is room for them.
func (r *run) ask() {
	if r.pipe == nil || len(r.pending) > 0 || r.waiting >= Window {
		return
	}
	r.pending = r.sound(r.session.Outgoing(r.o.Now()))
}

// sound leaves out frames that no broker would take: they would end each connection that tries.
func (r *run) sound(frames []Frame) []Frame {
	kept := frames[:0:0]
	for _, f := range frames {
		if f.QoS > 1 || len(f.Payload) > MaxPayload || len(f.Topic) > MaxTopic || f.Topic == "" {
			r.dropped.Add(1)
			r.o.Log.Error("link dropped a frame that is not sound", "topic", clip(f.Topic), "bytes", len(f.Payload), "qos", f.QoS)
			continue
		}
		kept = append(kept, f)
	}
	return kept
}

func clip(topic string) string { return topic[:min(len(topic), MaxTopic)] }

func (r *run) tick() {
	now := r.o.Now()
	r.session.Tick(now)
	switch {
	case r.pipe == nil:
	case r.deaf():
		r.drop(errSilent, false)
	case r.waiting > 0 && now.Sub(r.progress) > r.o.AckTimeout:
		r.drop(errUnacked, false)
	case r.session.Stalled(now):
		r.drop(errStalled, false)
	}
}

// deaf says that the client has known for a while that its connection is over and has not told us why; under load it
// may never (trap 4). Only this question tells a connection that is open (trap 17).
func (r *run) deaf() bool {
	if r.pipe.client.IsConnectionOpen() {
		r.shuts = 0
		return false
	}
	r.shuts++
	return r.shuts > patience
}

// try starts an attempt to connect.
func (r *run) try() {
	if r.live.Load() >= MaxLive {
		r.failed(errCrowded)
		return
	}
	r.live.Add(1)
	result := make(chan attempt, 1)
	r.attempt = result
	r.note(func(s *Status) { s.Attempts++ })
	ctx := r.ctx
	go func() {
		p, err := connect(ctx, r.o, &r.dropped)
		if err != nil {
			r.live.Add(-1)
		}
		result <- attempt{p, err}
	}()
}

// tried takes the result of an attempt.
func (r *run) tried(a attempt) {
	r.attempt = nil
	if a.err != nil {
		r.failed(a.err)
		return
	}
	now := r.o.Now()
	r.pipe, r.opened, r.waiting, r.pending, r.shuts = a.pipe, now, 0, nil, 0
	if r.o.Birth != nil {
		r.pending = r.sound([]Frame{r.o.Birth()})
	}
	r.note(func(s *Status) { s.Open, s.Since, s.LastError = true, now, "" })
	r.o.Log.Info("link opened", "broker", r.host)
	r.session.Opened(now)
}

// failed notes why there is no connection and sets the next try.
func (r *run) failed(err error) {
	r.failures++
	r.again(err, r.o.Backoff.bound(r.failures))
}

// drop gives the open connection up.
func (r *run) drop(err error, polite bool) {
	r.shut(polite)
	if r.o.Now().Sub(r.opened) < r.o.Backoff.Lived {
		r.failed(err)
		return
	}
	r.failures = 0
	r.again(err, r.o.Backoff.First)
}

// shut retires the open connection and tells the session.
func (r *run) shut(polite bool) {
	now := r.o.Now()
	r.retire(r.pipe, polite)
	r.pipe, r.pending, r.waiting = nil, nil, 0
	r.note(func(s *Status) { s.Open, s.Since = false, now })
	r.session.Closed(now)
}

// again sets the next try somewhere below bound.
func (r *run) again(err error, bound time.Duration) {
	wait := time.Duration(r.o.Rand(int64(bound) + 1))
	r.retry.Reset(wait)
	text := sentence(err, r.host)
	r.note(func(s *Status) { s.LastError = text })
	if r.o.Breach != nil && errors.Is(err, ErrBreach) {
		r.o.Breach(bare(err))
	}
	r.o.Log.Warn("link has no connection", "reason", text, "error", err, "retry_after", wait)
}

// stop ends what is open or under way, politely, and waits for it.
func (r *run) stop() {
	if r.pipe != nil {
		r.shut(true)
	}
	r.closing.Go(func() {
		if r.attempt == nil {
			return
		}
		if a := <-r.attempt; a.pipe != nil { // ends at once: its context has ended
			defer r.live.Add(-1)
			a.pipe.abandon(true)
		}
	})
	gone := make(chan struct{})
	go func() {
		r.closing.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-time.After(grace):
		r.o.Log.Error("link left an MQTT client behind", "error", errors.New("it did not end in time"))
	}
}

// bound is the longest wait after that many failures in a row.
func (b Backoff) bound(failures int) time.Duration {
	wait := b.Base
	for range failures - 1 {
		if wait >= b.Cap {
			break
		}
		wait *= 2
	}
	return min(wait, b.Cap)
}
