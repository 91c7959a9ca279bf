// Package linedisplay drives a customer line display of two rows on a serial
// port: CD5220 and ESC/POS displays.
//
// The newest state wins: nothing is queued, and a display that is missing, slow
// or stuck never holds a sale up. It does not drive a display that sits in the
// printer's cable.
package linedisplay

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/devices/display"
	"github.com/jifen-pos/jifen/devices/tty"
)

// ErrOptions is returned by New.
var ErrOptions = errors.New("line display options are not valid")

// Times of a display.
const (
	pause     = 200 * time.Millisecond // between two states: 9600 baud writes a display no faster (dev 9)
	refresh   = 30 * time.Second       // then all is written again: a display may have been switched off and on
	stall     = time.Second            // a display that takes nothing for so long is stuck
	firstWait = 500 * time.Millisecond // before opening again
	lastWait  = 10 * time.Second
)

// Options describe one display.
type Options struct {
	Path       string // of the tty, best below /dev/serial/by-id
	Baud       int    // 9600 when 0
	Protocol   Protocol
	Columns    int          // 20 when 0
	GBK        bool         // it shows Chinese
	Brightness int          // 1 to 4; 0 leaves it as it is
	Log        *slog.Logger // discards when nil
}

// Display is one line display. Its methods may be called from any goroutine.
type Display struct {
	options Options
	wake    chan struct{}

	mu      sync.Mutex
	want    display.Show
	trouble error
	open    bool
}

// New checks the options. It touches no device.
func New(o Options) (*Display, error) {
	if o.Baud == 0 {
		o.Baud = 9600
	}
	if o.Columns == 0 {
		o.Columns = 20
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	switch {
	case o.Path == "":
		return nil, fmt.Errorf("no path: %w", ErrOptions)
	case !tty.KnowsBaud(o.Baud):
		return nil, fmt.Errorf("%d baud: %w", o.Baud, ErrOptions)
	case o.Protocol != CD5220 && o.Protocol != ESCPOS:
		return nil, fmt.Errorf("protocol %q: %w", o.Protocol, ErrOptions)
	case o.Columns < 8 || o.Columns > 80:
		return nil, fmt.Errorf("%d columns: %w", o.Columns, ErrOptions)
	case o.Brightness < 0 || o.Brightness > 4:
		return nil, fmt.Errorf("brightness %d: %w", o.Brightness, ErrOptions)
	}
	return &Display{options: o, wake: make(chan struct{}, 1)}, nil
}

// Show shows a state as soon as the display can take it. It never waits; a
// state that was not shown yet is forgotten.
func (d *Display) Show(s display.Show) {
	d.mu.Lock()
	d.want = s
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Status is how the display is. Its sentences are empty while nothing is wrong.
func (d *Display) Status() (ok bool, zh, en string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.trouble == nil {
		return d.open, "", ""
	}
	zh, en = sentence(d.trouble)
	return false, zh, en
}

// Run drives the display until ctx ends and then returns nil. A display that is
// not there is tried again.
func (d *Display) Run(ctx context.Context) error {
	wait := firstWait
	for ctx.Err() == nil {
		file, err := tty.Open(d.options.Path, d.options.Baud, tty.NoFlow)
		if err == nil {
			d.note(nil)
			wait = firstWait
			err = d.drive(ctx, file)
			tty.Settle(file, settleFor)
			_ = file.Close()
		}
		if ctx.Err() != nil {
			break
		}
		d.note(err)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
			wait = min(2*wait, lastWait)
		}
	}
	return nil
}

// settleFor is how long closing waits for the last characters: two rows at 1200
// baud take less.
const settleFor = 500 * time.Millisecond

// note keeps what is wrong, and says so once.
func (d *Display) note(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if (err == nil) != (d.trouble == nil) || err == nil && !d.open {
		if err != nil {
			d.options.Log.Warn("line display is out of order", "path", d.options.Path, "error", err)
		} else {
			d.options.Log.Info("line display is open", "path", d.options.Path)
		}
	}
	d.trouble, d.open = err, err == nil
}

// drive writes what is wanted until the line fails or ctx ends; then the
// display goes dark.
func (d *Display) drive(ctx context.Context, file *os.File) error {
	again := time.NewTicker(refresh)
	defer again.Stop()
	if err := write(file, d.options.begin()); err != nil {
		return err
	}
	shown := ""
	for {
		d.mu.Lock()
		text := string(d.options.state(d.want))
		d.mu.Unlock()
		if text != shown {
			if err := write(file, []byte(text)); err != nil {
				return err
			}
			shown = text
		}
		select {
		case <-ctx.Done():
			return write(file, d.options.dark())
		case <-again.C:
			shown = ""
			if err := write(file, d.options.begin()); err != nil {
				return err
			}
		case <-d.wake:
		}
		select {
		case <-ctx.Done():
			return write(file, d.options.dark())
		case <-time.After(pause):
		}
	}
}

func write(file *os.File, b []byte) error {
	if err := file.SetWriteDeadline(time.Now().Add(stall)); err != nil {
		return fmt.Errorf("set the deadline: %w", err)
	}
	if _, err := file.Write(b); err != nil {
		return fmt.Errorf("write to the display: %w", err)
	}
	return nil
}

// sentence says what to do about an error.
func sentence(err error) (zh, en string) {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV):
		return "找不到顾客显示屏，请插好线，或改正设置里的路径。", "There is no customer display. Plug its cable in, or correct the path in the settings."
	case errors.Is(err, fs.ErrPermission):
		return "系统不让使用顾客显示屏，请管理员把程序用户加入 dialout 组。", "The system does not allow using the customer display. Add the program's user to the group dialout."
	case errors.Is(err, unix.EBUSY):
		return "顾客显示屏的串口被别的程序占用，请停用那个程序。", "Another program has the customer display's port. Stop that program."
	case errors.Is(err, tty.ErrNotTTY):
		return "顾客显示屏的路径不是串口，请改正设置。", "The customer display's path is not a serial port. Correct the settings."
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "顾客显示屏没有反应，请检查电源和连接线。", "The customer display takes nothing. Check its power and cable."
	}
	return "顾客显示屏断开了，请检查连接线。", "The customer display is disconnected. Check its cable."
}
