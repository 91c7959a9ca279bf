package assemble

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/printport"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/till"
)

// printing takes papers from the till's queue to the printer, one at a time.
type printing struct {
	till    *till.Till
	port    *printport.Port
	profile escpos.Profile
	wake    chan struct{}
	log     *slog.Logger
}

// Wake makes it look for a job.
func (p *printing) Wake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run prints until ctx ends. A printer that is off or without paper is tried
// again; what may be half printed is left to a person.
func (p *printing) run(ctx context.Context) error {
	retry := time.NewTicker(2 * time.Second)
	defer retry.Stop()
	for {
		for {
			again, err := p.next(ctx)
			if err != nil {
				return err
			}
			if !again {
				break
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.wake:
		case <-retry.C:
		}
	}
}

// next prints the oldest job that waits; it reports whether to go on at once.
func (p *printing) next(ctx context.Context) (bool, error) {
	job, ok, err := p.till.NextJob()
	if err != nil || !ok {
		return false, err
	}
	raw, err := escpos.NewJob(job.Marked(), p.profile)
	if err != nil {
		p.log.Error("paper cannot be printed", "job", job.ID, "error", err)
		return true, p.till.EndJob(job.ID, printjob.Failed, "document")
	}
	outcome, err := p.port.Print(ctx, fmt.Sprintf("%04d", job.ID%10000), raw)
	if err != nil {
		p.log.Warn("paper not printed", "job", job.ID, "error", err)
	}
	switch outcome.State {
	case printport.Sent:
		return true, p.till.EndJob(job.ID, printjob.Printed, "")
	case printport.NotSent:
		return false, p.till.EndJob(job.ID, printjob.Queued, fmt.Sprint(uint8(outcome.Trouble)))
	case printport.Unknown:
	}
	return true, p.till.EndJob(job.ID, printjob.Unknown, fmt.Sprint(uint8(outcome.Trouble)))
}
