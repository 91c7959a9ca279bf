// Package scanners makes the scanners that the settings of a terminal name, of
// whatever kind, and hands on what they read with the time at which it was read.
package scanners

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/devices/evdevscan"
	"github.com/jifen-pos/jifen/devices/hotplug"
	"github.com/jifen-pos/jifen/devices/netscan"
	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/devices/scanport"
	"github.com/jifen-pos/jifen/devices/serialscan"
)

// Stale is the age at which a scan is no longer taken: whoever scanned it has
// scanned it again, or has gone on (dev 6.1).
const Stale = 5 * time.Second

// Scanner is one scanner, whatever its kind.
type Scanner interface {
	Run(ctx context.Context, deliver func(scan.Event)) error
	Status() scan.Status
}

// Options are what every kind of scanner is told.
type Options struct {
	Log     *slog.Logger
	Changed func() // called when the status of one is another
	Mono    func() time.Duration
}

// New makes the scanner that the settings name.
func New(s config.Scanner, o Options) Scanner {
	framer := s.Framer()
	switch s.Kind {
	case config.ScannerHID:
		gs := byte(0)
		if s.GS != "" {
			gs = s.GS[0]
		}
		return evdevscan.New(evdevscan.Options{
			Name: s.Name, Path: place(s), Find: finder(s, hotplug.Keyboard), GS: gs, Framer: framer, Changed: o.Changed, Log: o.Log, Mono: o.Mono,
		})
	case config.ScannerTCP, config.ScannerStdin:
		return netscan.New(netscan.Options{
			Name: s.Name, Listen: s.Listen, Stream: os.Stdin, Framer: framer, Changed: o.Changed, Log: o.Log, Mono: o.Mono,
		})
	}
	return serialscan.New(serialscan.Options{
		Name: s.Name, Path: place(s), Find: finder(s, hotplug.Serial), Baud: s.Baud, Framer: framer, Changed: o.Changed, Log: o.Log, Mono: o.Mono,
	})
}

// place is where a scanner is, as its sentences say.
func place(s config.Scanner) string {
	if s.USB != "" {
		return s.USB
	}
	return s.Path
}

// finder looks a scanner up by what it is; nil where the settings give its path.
func finder(s config.Scanner, class hotplug.Class) func() (string, error) {
	if s.USB == "" {
		return nil
	}
	return func() (string, error) {
		d, err := hotplug.Bus{}.Find(class, s.USB)
		if err != nil {
			return "", notFound(s.USB, err)
		}
		return d.Node, nil
	}
}

// notFound tells in a sentence why a scanner that is named by what it is cannot
// be used.
func notFound(key string, err error) error {
	f := &scanport.Fault{State: scan.Missing, Err: err, Sentence: scan.Sentence{
		ZH: fmt.Sprintf("找不到 USB 扫码枪 %s：请检查连接线，插好后会自动恢复；jifen devices 列出已插入的设备。", key),
		EN: fmt.Sprintf("No USB scanner %s is plugged in: check its cable. It comes back by itself; jifen devices lists what is there.", key),
	}}
	var wrong *hotplug.WrongClassError
	switch {
	case errors.As(err, &wrong) && wrong.Got.Class == hotplug.Keyboard:
		f.State, f.Sentence = scan.Refused, scan.Sentence{
			ZH: fmt.Sprintf("扫码枪 %s 处于键盘模式：请把它改为 USB 虚拟串口，或在配置里设 kind = \"hid\"。", key),
			EN: fmt.Sprintf("The scanner %s is in keyboard mode: set it to USB serial, or kind = \"hid\" in the settings.", key),
		}
	case errors.As(err, &wrong) && wrong.Got.Class == hotplug.Serial:
		f.State, f.Sentence = scan.Refused, scan.Sentence{
			ZH: fmt.Sprintf("扫码枪 %s 处于虚拟串口模式：请在配置里设 kind = \"serial\"，或把它改为键盘模式。", key),
			EN: fmt.Sprintf("The scanner %s is in serial mode: set kind = \"serial\" in the settings, or the scanner to keyboard mode.", key),
		}
	case errors.As(err, &wrong):
		f.State, f.Sentence = scan.Refused, scan.Sentence{
			ZH: fmt.Sprintf("%s 是打印机，不是扫码枪：请在配置里填写扫码枪；jifen devices 列出已插入的设备。", key),
			EN: fmt.Sprintf("%s is a printer and no scanner: name the scanner in the settings; jifen devices lists what is there.", key),
		}
	case errors.Is(err, hotplug.ErrSeveral):
		f.State, f.Sentence = scan.Refused, scan.Sentence{
			ZH: fmt.Sprintf("有多个设备符合 %s：请在配置里加上序列号或 @插口；jifen devices 列出它们。", key),
			EN: fmt.Sprintf("Several devices answer to %s: add a serial number or @socket in the settings; jifen devices lists them.", key),
		}
	}
	return f
}

// scansWaiting is how many scans wait for a till that is busy, so that each keeps
// the time at which it was read.
const scansWaiting = 64

// Run reads a scanner and hands its scans on, beside each other: while the
// till is at work on one scan, the next is read and its time taken.
func Run(ctx context.Context, s Scanner, deliver func(scan.Event)) error {
	waiting, handed := make(chan scan.Event, scansWaiting), make(chan struct{})
	go func() {
		defer close(handed)
		for e := range waiting {
			deliver(e)
		}
	}()
	err := s.Run(ctx, func(e scan.Event) { waiting <- e })
	close(waiting)
	<-handed
	return err
}

// Wake tells a scanner that a device has come or gone, if it waits for one.
func Wake(s Scanner) {
	if w, ok := s.(interface{ Wake() }); ok {
		w.Wake()
	}
}
