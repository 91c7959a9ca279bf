package counter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/printport"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/words"
)

// Times of printing.
const (
	printRetry = 2 * time.Second  // between two tries to print what waits
	printLook  = 15 * time.Second // between two looks at an idle printer
)

// Printing takes papers from the till's queue to the printer, one at a time.
type Printing struct {
	till    *till.Till
	port    *printport.Port
	profile escpos.Profile
	wake    chan struct{}
	changed func() // the printer's state has
	log     *slog.Logger

	trials trials
}

// NewPrinting makes one; nothing is started. changed is told when the printer's
// state has.
func NewPrinting(t *till.Till, port *printport.Port, profile escpos.Profile, changed func(), log *slog.Logger) *Printing {
	return &Printing{
		till: t, port: port, profile: profile, wake: make(chan struct{}, 1), changed: changed, log: log,
		trials: trials{next: make(chan trial, 1)},
	}
}

// Profile is what the printer can do.
func (p *Printing) Profile() escpos.Profile { return p.profile }

// Close closes the way to the printer.
func (p *Printing) Close() error { return p.port.Close() }

// Wake makes it look for a job.
func (p *Printing) Wake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Run prints until ctx ends. A printer that is off or without paper is tried
// again; what may be half printed is left to a person.
func (p *Printing) Run(ctx context.Context) error {
	retry, look := time.NewTicker(printRetry), time.NewTicker(printLook)
	defer retry.Stop()
	defer look.Stop()
	p.look(ctx)
	for {
		before := p.port.Status()
		for {
			again, err := p.Next(ctx)
			if err != nil {
				return err
			}
			if !again {
				break
			}
		}
		if p.port.Status() != before {
			p.changed()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.wake:
		case t := <-p.trials.next:
			p.try(ctx, t)
		case <-retry.C:
			if p.port.Miss(ctx) {
				p.changed()
			}
		case <-look.C:
			p.look(ctx)
		}
	}
}

// look asks a printer how it is, so that the end of the paper, or a printer that
// is off, is seen before the next sale.
func (p *Printing) look(ctx context.Context) {
	if !p.till.Waiting() && p.port.Look(ctx) {
		p.changed()
	}
}

// errNoJob says that no job waits any more.
var errNoJob = errors.New("no job waits")

// Next prints the oldest job that waits; it reports whether to go on at once.
// The job is taken, and written down as being sent, only once the printer has
// said that it is ready: while it is not, nothing is written.
func (p *Printing) Next(ctx context.Context) (bool, error) {
	if !p.till.Waiting() {
		return false, nil
	}
	var job printjob.Paper
	taken := false
	var fault error
	outcome, err := p.port.PrintNext(ctx, func() (string, escpos.Job, error) {
		job, taken, fault = p.till.NextJob()
		if fault != nil || !taken {
			return "", escpos.Job{}, errNoJob
		}
		raw, err := escpos.NewJob(job.Marked(), p.profile)
		return job.Token(), raw, err
	})
	if fault != nil || !taken {
		return false, fault
	}
	if err != nil {
		p.log.Warn("paper not printed", "job", job.ID, "error", err)
	}
	if outcome.Uncut {
		p.log.Warn("paper printed and not cut", "job", job.ID)
	}
	state, reason := ended(outcome)
	return state != printjob.Queued, p.till.EndJob(job.ID, state, reason)
}

// ended is what the till keeps of an outcome. A job that never began for no
// fault of the printer's cannot be printed at all.
func ended(o printport.Outcome) (printjob.State, string) {
	switch {
	case o.State == printport.Unknown:
		return printjob.Unknown, fmt.Sprint(uint8(o.Trouble))
	case o.State == printport.NotSent && o.Trouble == printport.None:
		return printjob.Failed, "document"
	case o.State == printport.NotSent:
		return printjob.Queued, fmt.Sprint(uint8(o.Trouble))
	case !o.Confirmed:
		return printjob.Sent, ""
	case o.Incident != printport.None:
		return printjob.Incident, fmt.Sprint(uint8(o.Incident))
	}
	return printjob.Printed, ""
}

// View tells a cashier how the printer is, and else what is to be done about
// papers.
func (p *Printing) View() (ok bool, zh, en string) {
	status, papers := p.port.Status(), p.till.Doubt()
	switch {
	case status.Trouble != printport.None:
		zh, en = status.Trouble.Sentence()
		return false, zh, en
	case papers.Held:
		return false, words.In("zh", "printing-held"), words.In("en", "printing-held")
	case papers.Unproved > 0:
		n := fmt.Sprint(papers.Unproved)
		return false, words.In("zh", "papers-unproved", n), words.In("en", "papers-unproved", n)
	case status.PaperLow:
		return true, words.In("zh", "paper-low"), words.In("en", "paper-low")
	}
	return true, "", ""
}

// Drawer tells whether the drawer is open, by the level of the sense pin that an
// open one has; told is false where nobody can.
func (p *Printing) Drawer(whenOpen string) (told, open bool) {
	level := map[string]printport.Drawer{config.DrawerLevelHigh: printport.DrawerHigh, config.DrawerLevelLow: printport.DrawerLow}[whenOpen]
	now := p.port.Status().Drawer
	return level != printport.DrawerUnknown && now != printport.DrawerUnknown, now == level
}
