package printport

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/jifen-pos/jifen/devices/escpos"
)

// talk is one connection to a printer and what it said on it.
type talk struct {
	link    link
	answers escpos.Answers
	status  escpos.Status // the last that came
	alive   bool          // an answer came on this connection
	deaf    bool          // nothing can be read
	usb     bool
}

// glance is how long to look for answers that are already there.
const glance = 2 * time.Millisecond

// write sends b and returns how much of it left. A printer that takes something
// within stall is slow; one that takes nothing is stuck.
func (t *talk) write(ctx context.Context, b []byte, stall time.Duration) (int, error) {
	written := 0
	for written < len(b) {
		_ = t.link.SetWriteDeadline(time.Now().Add(stall)) // a plain file has none and needs none
		if err := ctx.Err(); err != nil {
			return written, err
		}
		n, err := t.link.Write(b[written:])
		written += n
		if errors.Is(err, os.ErrDeadlineExceeded) && n > 0 {
			continue
		}
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// listen takes in answers until one is wanted or the time is over, and reports
// whether the wanted one came. The error says that the connection is gone.
func (t *talk) listen(ctx context.Context, d time.Duration, wanted func(escpos.Answer) bool) (bool, error) {
	end := time.Now().Add(d)
	buffer := make([]byte, 512)
	for !t.deaf && time.Now().Before(end) {
		n, err := t.read(ctx, buffer, end)
		for _, a := range t.answers.Feed(buffer[:n]) {
			t.take(a)
			if wanted(a) {
				return true, nil
			}
		}
		if err != nil {
			return false, err
		}
	}
	return false, ctx.Err()
}

// read reads once; no data until end is no error.
func (t *talk) read(ctx context.Context, buffer []byte, end time.Time) (int, error) {
	_ = t.link.SetReadDeadline(end)
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n, err := t.link.Read(buffer)
	switch {
	case err == nil, errors.Is(err, os.ErrDeadlineExceeded):
		return n, nil
	case t.usb && errors.Is(err, io.EOF): // an empty packet
		return n, rest(ctx, min(time.Until(end), 20*time.Millisecond))
	case t.usb: // a printer that only listens; if it is gone, writing will tell
		t.deaf = true
		return n, nil
	}
	return n, err
}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// take keeps the status of an answer. Noise is no sign of life.
func (t *talk) take(a escpos.Answer) {
	switch a.Kind {
	case escpos.AnswerNoise:
		return
	case escpos.AnswerStatus:
		t.status = a.Status
	}
	t.alive = true
}

func isStatus(a escpos.Answer) bool { return a.Kind == escpos.AnswerStatus }
func nothing(escpos.Answer) bool    { return false }

// ask puts the real-time questions, one at a time, and reports whether any was answered.
func (t *talk) ask(ctx context.Context, patience, stall time.Duration) (bool, error) {
	var found escpos.Status
	answered := false
	for _, n := range []int{escpos.AskPaper, escpos.AskOffline} {
		if _, err := t.write(ctx, escpos.Ask(n), stall); err != nil {
			return false, err
		}
		heard, err := t.listen(ctx, patience, func(a escpos.Answer) bool {
			if a.Kind != escpos.AnswerRealTime {
				return false
			}
			s := escpos.RealTimeStatus(n, a.Byte)
			found = found.Or(s)
			return true
		})
		if err != nil {
			return false, err
		}
		if !heard {
			break
		}
		answered = true
	}
	if answered {
		t.status = found
	}
	return answered, nil
}

// trouble tells what the last status is about.
func (t *talk) trouble() Trouble {
	switch s := t.status; {
	case s.CoverOpen:
		return CoverOpen
	case s.PaperEnd:
		return NoPaper
	case s.Fault, s.Offline:
		return Fault
	case t.usb && paperOut(t.link):
		return NoPaper
	}
	return None
}
