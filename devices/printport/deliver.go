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

// deliver prints one job on a printer that was greeted: send, prove; then feed,
// cut and see whether the cut came through (dev 4.4).
func (p *Port) deliver(ctx context.Context, token string, job escpos.Job) (Outcome, error) {
	t := p.talk
	t.incident = None
	stop := interruptible(ctx, t.link)
	o, err := p.body(ctx, token, job)
	if o.State == Sent {
		var cutErr error
		o.Uncut, cutErr = p.cut(ctx, token, job, o.Confirmed)
		err = errors.Join(err, cutErr)
	}
	p.torn = o.Written > 0 && o.Written < job.Tail
	if !stop() || err != nil {
		p.hangUp()
	}
	if o.State == Sent {
		return o, nil
	}
	return o, err
}

// body sends what is to be on the paper and lets the printer prove it.
func (p *Port) body(ctx context.Context, token string, job escpos.Job) (Outcome, error) {
	o := Outcome{}
	var err error
	o.Written, o.Trouble, err = p.send(ctx, job.Bytes[:job.Tail])
	if proof := p.proof(); o.Trouble == None && proof != escpos.ProofNone {
		o.Confirmed, o.Trouble, err = p.prove(ctx, proof, token, job.Tail)
		o.Proof = proof
	}
	switch {
	case o.Trouble == None:
		o.State, o.Incident = Sent, p.talk.incident
	case o.Written > 0:
		o.State, o.Confirmed = Unknown, false
	}
	return o, err
}

// proof is how this printer proves a job. One that is in good order and twice
// did not, and never did, cannot (dev 4.3).
func (p *Port) proof() escpos.Proof {
	if !p.talk.alive || !p.proved && p.unproved >= muteAfter || p.options.Profile.Proof == "" {
		return escpos.ProofNone
	}
	return p.options.Profile.Proof
}

// cut feeds and cuts a paper that is printed. Nothing that happens here makes
// the paper less printed. A printer that takes the tail without a word is left
// to itself.
func (p *Port) cut(ctx context.Context, token string, job escpos.Job, confirmed bool) (uncut bool, err error) {
	tail := job.Bytes[job.Tail:]
	if len(tail) == 0 {
		return false, nil
	}
	t := p.talk
	if _, err := t.write(ctx, tail, p.options.Stall); err != nil {
		return true, err
	}
	if !confirmed || !p.options.Profile.Cutter {
		return false, nil
	}
	if _, _, err := p.prove(ctx, p.proof(), cutToken(token), len(tail)); err != nil {
		return t.status.Cutter, err
	}
	fault, _, err := t.ask(ctx, escpos.AskFault, p.options.Answer/4, p.options.Stall)
	return t.status.Cutter || fault.Cutter, err
}

// cutToken is the token of the second fence of a job.
func cutToken(token string) string { return token[:escpos.TokenLen-1] + "~" }

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
	p.identify(l)
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
	if err := p.sayHello(ctx, p.torn); err != nil {
		return err
	}
	p.answered = p.answered || t.alive
	if t.deaf || !p.answered && p.silences >= muteAfter {
		return p.hear(t.listen(ctx, glance, isStatus))
	}
	if known == None { // else it answers nothing before it is ready: ask at once
		if heard, err := p.hearHello(ctx); heard || err != nil {
			return p.hear(heard, err)
		}
	}
	p.silences++
	return p.hear(t.askAll(ctx, o.Answer/4, o.Stall))
}

// hearHello waits for the printer to answer the greeting. One that does not may
// stand inside a picture, so it is brought into step and greeted once more. On
// a slow line that would take longer than the job: there only a job that is
// known to have broken off is a reason.
func (p *Port) hearHello(ctx context.Context) (bool, error) {
	t, patience := p.talk, p.options.Answer/2
	if p.torn {
		patience += p.lineTime(len(escpos.Resync()))
	}
	heard, err := t.listen(ctx, patience, isStatus)
	if heard || err != nil || p.torn || p.silences > 0 || p.options.Kind == Serial {
		return heard, err
	}
	if err := p.sayHello(ctx, true); err != nil {
		return false, err
	}
	return t.listen(ctx, p.options.Answer/4, isStatus)
}

func (p *Port) sayHello(ctx context.Context, resync bool) error {
	greeting := escpos.Hello()
	if resync {
		greeting = append(escpos.Resync(), greeting...)
	}
	_, err := p.talk.write(ctx, greeting, p.options.Stall)
	return err
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

// prove waits for the printer to answer what was queued behind the job: the
// only proof that all before it is on paper. Paper end or an open cover on the
// way spoils the proof, since printers print on by themselves after a new roll
// (dev 1.7).
func (p *Port) prove(ctx context.Context, proof escpos.Proof, token string, length int) (bool, Trouble, error) {
	t := p.talk
	question, isProof := queuedQuestion(proof, token)
	if _, err := t.write(ctx, question, p.options.Stall); err != nil {
		return false, p.blame(ctx, err), err
	}
	patience := p.options.Finish + time.Duration(length)*byteTime + p.lineTime(length)
	proved := false
	done, err := t.listen(ctx, patience, func(a escpos.Answer) bool {
		proved = isProof(a)
		return proved || a.Kind == escpos.AnswerStatus && !a.Status.Ready()
	})
	switch {
	case err != nil:
		return false, p.blame(ctx, err), err
	case proved:
		p.proved, p.unproved = true, 0
		return t.trouble() == None, t.trouble(), nil
	case done:
		return false, t.trouble(), nil
	}
	if _, err := t.askAll(ctx, p.options.Answer/4, p.options.Stall); err != nil {
		return false, p.blame(ctx, err), err
	}
	if trouble := t.trouble(); trouble != None {
		return false, trouble, nil
	}
	p.unproved++
	return false, Silent, nil
}

// queuedQuestion returns what to ask behind a job, and what answers it.
func queuedQuestion(proof escpos.Proof, token string) (question []byte, answers func(escpos.Answer) bool) {
	if proof == escpos.ProofQueued {
		return escpos.AskQueued(escpos.AskQueuedPaper), queuedAnswer()
	}
	fence, err := escpos.Fence(token)
	if err != nil { // Print has looked at the token
		return nil, nothing
	}
	return fence, func(a escpos.Answer) bool { return a.Kind == escpos.AnswerFence && a.Token == token }
}

// queuedAnswer takes the one byte that answers GS r. Nothing in it tells whose
// it is, so it counts only on a line without any noise: a byte left over from a
// torn status looks the same (dev 1.1).
func queuedAnswer() func(escpos.Answer) bool {
	noise := false
	return func(a escpos.Answer) bool {
		noise = noise || a.Kind == escpos.AnswerNoise
		return !noise && a.Kind == escpos.AnswerQueued && !escpos.QueuedStatus(escpos.AskQueuedPaper, a.Byte).PaperEnd
	}
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
