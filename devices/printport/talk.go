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
	link     link
	answers  escpos.Answers
	status   escpos.Status // the last that came
	drawer   Drawer        // as the last status or answer had it
	alive    bool          // an answer came on this connection
	incident Trouble       // the first trouble that was seen since it was last set to None
	deaf     bool          // nothing can be read
	usb      bool
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

// take keeps the status of an answer. Noise is no sign of life, nor is a byte
// that looks like the answer to a question nobody put.
func (t *talk) take(a escpos.Answer) {
	switch a.Kind {
	case escpos.AnswerNoise, escpos.AnswerQueued:
		return
	case escpos.AnswerStatus:
		t.status = a.Status
		t.drawer = drawerOf(a.Status)
		if t.incident == None {
			t.incident = troubleOf(a.Status)
		}
	}
	t.alive = true
}

func drawerOf(s escpos.Status) Drawer {
	if s.DrawerPin {
		return DrawerHigh
	}
	return DrawerLow
}

func isStatus(a escpos.Answer) bool { return a.Kind == escpos.AnswerStatus }
func nothing(escpos.Answer) bool    { return false }

// ask puts one real-time question and reports whether it was answered.
func (t *talk) ask(ctx context.Context, n int, patience, stall time.Duration) (escpos.Status, bool, error) {
	if _, err := t.write(ctx, escpos.Ask(n), stall); err != nil {
		return escpos.Status{}, false, err
	}
	var found escpos.Status
	heard, err := t.listen(ctx, patience, func(a escpos.Answer) bool {
		if a.Kind != escpos.AnswerRealTime {
			return false
		}
		if found = escpos.RealTimeStatus(n, a.Byte); n == escpos.AskPrinter {
			t.drawer = drawerOf(found)
		}
		return true
	})
	return found, heard, err
}

// askAll puts the real-time questions that tell why nothing is printed, one at
// a time, and reports whether any was answered.
func (t *talk) askAll(ctx context.Context, patience, stall time.Duration) (bool, error) {
	var all escpos.Status
	answered := false
	for _, n := range []int{escpos.AskPaper, escpos.AskOffline, escpos.AskPrinter} {
		found, heard, err := t.ask(ctx, n, patience, stall)
		if err != nil {
			return false, err
		}
		if !heard {
			break
		}
		answered, all = true, all.Or(found)
	}
	if answered {
		t.status = all
		if t.incident == None {
			t.incident = troubleOf(all)
		}
	}
	return answered, nil
}

// trouble tells what the last status is about.
func (t *talk) trouble() Trouble {
	if trouble := troubleOf(t.status); trouble != None {
		return trouble
	}
	if t.usb && paperOut(t.link) {
		return NoPaper
	}
	return None
}

func troubleOf(s escpos.Status) Trouble {
	switch {
	case s.CoverOpen:
		return CoverOpen
	case s.PaperEnd:
		return NoPaper
	case s.Fault, s.Offline:
		return Fault
	}
	return None
}
