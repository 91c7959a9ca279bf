package counter

import (
	"context"
	"errors"
	"sync"

	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/printport"
	"github.com/jifen-pos/jifen/devices/receipt"
)

// ErrTrying says that a page is being tried already.
var ErrTrying = errors.New("a page is on its way to the printer already")

// Trial is what came of the newest page that was printed to look at. It is no
// job: nothing is written down, and nothing is printed again.
type Trial struct {
	Running bool
	OK      bool
	ZH, EN  string // what came of it; "" before the first
}

// trials are pages to look at on their way to a printer.
type trials struct {
	next chan trial
	mu   sync.Mutex
	last Trial
}

type trial struct {
	token string
	job   escpos.Job
}

// Try prints a page to look at, between two papers of the till; its token is one
// that no job has. Tried tells what came of it.
func (p *Printing) Try(token string, page receipt.Document) error {
	job, err := escpos.NewJob(page, p.profile)
	if err != nil {
		return err
	}
	p.trials.mu.Lock()
	defer p.trials.mu.Unlock()
	if p.trials.last.Running {
		return ErrTrying
	}
	p.trials.last = Trial{Running: true}
	p.trials.next <- trial{token, job}
	return nil
}

// Tried is the newest page that was tried.
func (p *Printing) Tried() Trial {
	p.trials.mu.Lock()
	defer p.trials.mu.Unlock()
	return p.trials.last
}

func (p *Printing) try(ctx context.Context, t trial) {
	outcome, err := p.port.Print(ctx, t.token, t.job)
	if err != nil {
		p.log.Warn("test page not printed", "error", err)
	}
	done := Trial{OK: outcome.State == printport.Sent}
	done.ZH, done.EN = outcome.Sentence()
	p.trials.mu.Lock()
	p.trials.last = done
	p.trials.mu.Unlock()
	p.changed()
}
