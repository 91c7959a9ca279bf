package printport

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"github.com/jifen-pos/jifen/devices/escpos"
)

// Sizes and times of a delivery (dev 4.4).
const (
	chunk      = 4 << 10          // sent between two looks at the back channel
	byteTime   = time.Millisecond // to print what one byte says, generously
	grace      = 500 * time.Millisecond
	muteAfter  = 2 // greetings without an answer, then the printer counts as mute
	forgetMute = 3 // silent greetings after which a printer that once answered counts as exchanged
)

// deliver prints one job: greet, send, fence.
func (p *Port) deliver(ctx context.Context, token string, job, fence []byte) (Outcome, error) {
	if trouble, err := p.greet(ctx); trouble != None {
		return Outcome{Trouble: trouble}, err
	}
	t := p.talk
	stop := interruptible(ctx, t.link)
	written, trouble, err := p.send(ctx, job)
	o := Outcome{Written: written}
	if trouble == None && t.alive && p.options.Profile.Proof == escpos.ProofEcho {
		o.Confirmed, trouble, err = p.confirm(ctx, token, fence, len(job))
	}
	switch {
	case trouble == None:
		o.State = Sent
	case written > 0:
		o.State, o.Confirmed = Unknown, false
	}
	o.Trouble = trouble
	p.torn = written > 0 && written < len(job)
	if !stop() || err != nil {
		p.hangUp()
	}
	return o, err
}

// interruptible lets the end of ctx break reads and writes off. When stop
// returns false the link is not to be used again.
func interruptible(ctx context.Context, l link) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = l.SetDeadline(time.Unix(1, 0)) })
}

// greet makes sure that there is a printer, and that it is ready. A connection
// kept from an earlier job may have died unseen, so it gets a second one.
func (p *Port) greet(ctx context.Context) (Trouble, error) {
	kept := p.talk != nil
	if kept && p.options.Kind == TCP && !p.talk.alive {
		p.hangUp() // a mute printer shows by taking a new call that it is there
		kept = false
	}
	trouble, err := p.greetOnce(ctx)
	if kept && (err != nil || trouble == Silent) && ctx.Err() == nil {
		trouble, err = p.greetOnce(ctx)
	}
	return trouble, err
}

func (p *Port) greetOnce(ctx context.Context) (Trouble, error) {
	if err := p.connect(ctx); err != nil {
		return openTrouble(ctx, err), err
	}
	t := p.talk
	stop := interruptible(ctx, t.link)
	err := p.hello(ctx)
	if !stop() || err != nil {
		trouble := p.blame(ctx, err)
		p.hangUp()
		return trouble, err
	}
	if p.answered && !t.deaf && p.silences > 0 {
		p.answered = p.silences < forgetMute
		p.hangUp()
		return Silent, nil
	}
	return t.trouble(), nil
}

func (p *Port) connect(ctx context.Context) error {
	if p.talk != nil {
		return nil
	}
	l, err := openers[p.options.Kind](ctx, p.options)
	if err != nil {
		return err
	}
	t := &talk{link: l, usb: p.options.Kind == USB}
	t.deaf = p.options.Kind == File || !p.options.Profile.BackChannel
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = l.Close()
		return ErrClosed
	}
	p.talk, p.open = t, t
	p.options.Log.Info("printer connected", "kind", p.options.Kind, "address", p.options.Address)
	return nil
}

func (p *Port) hangUp() {
	if p.talk == nil {
		return
	}
	if p.options.Kind == Serial && p.torn {
		discard(p.talk.link)
	}
	_ = p.talk.link.Close()
	p.talk = nil
	p.options.Log.Info("printer disconnected", "kind", p.options.Kind, "address", p.options.Address)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = nil
}

// hello brings the printer into step and learns its status, if it can tell.
func (p *Port) hello(ctx context.Context) error {
	t, o := p.talk, p.options
	if _, err := t.listen(ctx, glance, nothing); err != nil { // what came since the last job
		return err
	}
	known := t.trouble()
	greeting := escpos.Hello()
	if p.torn {
		greeting = append(escpos.Resync(), greeting...)
	}
	if _, err := t.write(ctx, greeting, o.Stall); err != nil {
		return err
	}
	p.answered = p.answered || t.alive
	if t.deaf || !p.answered && p.silences >= muteAfter {
		return p.hear(t.listen(ctx, glance, isStatus))
	}
	if known == None { // else it answers nothing before it is ready: ask at once
		if heard, err := t.listen(ctx, o.Answer/2, isStatus); heard || err != nil {
			return p.hear(heard, err)
		}
	}
	p.silences++
	return p.hear(t.ask(ctx, o.Answer/4, o.Stall))
}

// hear notes that the printer answered its greeting.
func (p *Port) hear(heard bool, err error) error {
	if heard {
		p.answered, p.silences = true, 0
	}
	return err
}

// send sends the job in chunks, with an eye on the back channel.
func (p *Port) send(ctx context.Context, job []byte) (written int, trouble Trouble, err error) {
	t := p.talk
	end := time.Now().Add(p.options.Whole + p.lineTime(len(job)))
	for written < len(job) {
		n, err := t.write(ctx, job[written:min(written+chunk, len(job))], p.options.Stall)
		written += n
		if err != nil {
			_, _ = t.listen(ctx, grace, isStatus) // it may tell why
			return written, p.blame(ctx, err), err
		}
		if _, err := t.listen(ctx, glance, nothing); err != nil {
			return written, p.blame(ctx, err), err
		}
		if trouble := t.trouble(); trouble != None {
			return written, trouble, nil
		}
		if time.Now().After(end) && written < len(job) {
			return written, Silent, os.ErrDeadlineExceeded
		}
	}
	return written, None, nil
}

// lineTime is what a serial line needs for n bytes, twice.
func (p *Port) lineTime(n int) time.Duration {
	if p.options.Kind != Serial {
		return 0
	}
	return 2 * time.Duration(n) * 10 * time.Second / time.Duration(p.options.Baud)
}

// confirm waits for the printer to echo the token: the only proof that all
// before it is on paper. Paper end or an open cover on the way spoils the
// proof, since printers print on by themselves after a new roll (dev 1.7).
func (p *Port) confirm(ctx context.Context, token string, fence []byte, length int) (bool, Trouble, error) {
	t := p.talk
	if _, err := t.write(ctx, fence, p.options.Stall); err != nil {
		return false, p.blame(ctx, err), err
	}
	patience := p.options.Finish + time.Duration(length)*byteTime + p.lineTime(length)
	echoed := false
	done, err := t.listen(ctx, patience, func(a escpos.Answer) bool {
		echoed = a.Kind == escpos.AnswerFence && a.Token == token
		return echoed || a.Kind == escpos.AnswerStatus && !a.Status.Ready()
	})
	switch {
	case err != nil:
		return false, p.blame(ctx, err), err
	case echoed:
		return t.trouble() == None, t.trouble(), nil
	case done:
		return false, t.trouble(), nil
	}
	if _, err := t.ask(ctx, p.options.Answer/4, p.options.Stall); err != nil {
		return false, p.blame(ctx, err), err
	}
	if trouble := t.trouble(); trouble != None {
		return false, trouble, nil
	}
	return false, Silent, nil
}

// blame tells what an error on the line says of the printer.
func (p *Port) blame(ctx context.Context, err error) Trouble {
	switch trouble := p.talk.trouble(); {
	case ctx.Err() != nil, errors.Is(err, os.ErrClosed), errors.Is(err, net.ErrClosed):
		return Interrupted
	case trouble != None:
		return trouble
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Silent
	}
	return Off
}
