package hotplug

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// pollEvery is how often the tree is looked at whatever the kernel says: the
// safety net under its events (dev 6.3).
const pollEvery = 2 * time.Second

// The groups of the kernel's socket for devices: its own, and that of udev, which
// speaks again once links and permissions are set.
const (
	groupKernel = 1
	groupUdev   = 2
)

// messageSize is the most that the kernel or udev says of one device.
const messageSize = 64 << 10

// A Watch calls back when devices come or go.
type Watch struct {
	bus     Bus
	changed func()
	log     *slog.Logger
}

// NewWatch returns a watch that has looked at nothing yet. It calls changed on
// its own goroutine; changed must not wait.
func NewWatch(bus Bus, changed func(), log *slog.Logger) *Watch {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Watch{bus: bus, changed: changed, log: log}
}

// Run watches until ctx ends and then returns nil. Where the kernel's socket
// cannot be had, it says so once and polls.
func (w *Watch) Run(ctx context.Context) error {
	socket, err := openUevents()
	if err != nil {
		w.log.Warn("devices are looked for every two seconds: the kernel's events cannot be had", "error", err)
		w.poll(ctx)
		return nil
	}
	defer socket.Close()
	w.listen(ctx, socket)
	return nil
}

// poll looks at the tree at intervals until ctx ends.
func (w *Watch) poll(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	before := w.print()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			before = w.look(before)
		}
	}
}

// listen waits for the kernel, and looks at the tree when it has been silent.
func (w *Watch) listen(ctx context.Context, socket *os.File) {
	stop := context.AfterFunc(ctx, func() { _ = socket.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	buf, before := make([]byte, messageSize), w.print()
	for ctx.Err() == nil {
		if err := socket.SetReadDeadline(time.Now().Add(pollEvery)); err != nil || ctx.Err() != nil {
			return
		}
		n, err := socket.Read(buf)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			before = w.look(before)
		case err != nil: // too many at once: some are lost, so something changed
			w.changed()
			before = w.print()
			if !errors.Is(err, unix.ENOBUFS) {
				w.log.Warn("the kernel's events of devices", "error", err)
				w.poll(ctx)
				return
			}
		case concerns(buf[:n]):
			w.changed()
			before = w.print()
		}
	}
}

// look calls back if the tree is another than before, and returns how it is.
func (w *Watch) look(before string) string {
	now := w.print()
	if now != before {
		w.changed()
	}
	return now
}

// print is what the tree looks like, to tell one look from the next.
func (w *Watch) print() string { return fmt.Sprint(w.bus.Devices()) }

// concerns reports a message about a device that a till could use. Both forms end
// their words with zero bytes; what they say is believed no further than that it
// is time to look.
func concerns(message []byte) bool {
	for word := range bytes.SplitSeq(message, []byte{0}) {
		subsystem, ok := bytes.CutPrefix(word, []byte("SUBSYSTEM="))
		if !ok {
			continue
		}
		switch string(subsystem) {
		case "tty", "input", "usbmisc":
			return true
		}
	}
	return false
}

// openUevents opens the kernel's socket for devices.
func openUevents() (*os.File, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return nil, fmt.Errorf("open the kernel's socket for devices: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groupKernel | groupUdev}); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("bind the kernel's socket for devices: %w", err)
	}
	return os.NewFile(uintptr(fd), "uevents"), nil
}
