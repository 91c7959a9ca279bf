package hotplug_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/hotplug"
)

// A tree is a /sys of our own, in the shape of the kernel's.
type tree struct {
	t    *testing.T
	root string
}

func newTree(t *testing.T) tree { return tree{t, t.TempDir()} }

func (s tree) bus() hotplug.Bus { return hotplug.Bus{Sys: s.root} }

func (s tree) write(path, text string) {
	s.t.Helper()
	path = filepath.Join(s.root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text+"\n"), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// usb plugs a device into a socket.
func (s tree) usb(port, vendor, product, serial, name string) {
	at := "devices/pci/usb1/" + port
	s.write(at+"/idVendor", vendor)
	s.write(at+"/idProduct", product)
	if serial != "" {
		s.write(at+"/serial", serial)
	}
	s.write(at+"/product", name)
}

// class makes an entry below /sys/class whose device is a folder of the tree.
func (s tree) class(name, device string) {
	s.t.Helper()
	at := filepath.Join(s.root, "class", name)
	device = filepath.Join(s.root, device)
	for _, dir := range []string{at, device} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := os.Symlink(device, filepath.Join(at, "device")); err != nil {
		s.t.Fatal(err)
	}
}

const (
	boardKeys = "10000 7 ff9f207a c14057ff febeffdf ffefffff ffffffff fffffffe" // of a keyboard, as an arm kernel writes it
	fewKeys   = "3f 0 0 0 0 30000000 0 0"                                       // of the second node: volume and such
)

// counter is a till's tree: a CDC scanner, an adapter of the cheap kind, a wedge
// with two nodes, a printer, and the lines of the board.
func counter(t *testing.T) tree {
	s := newTree(t)
	s.usb("1-1.2", "1eab", "0c22", "SN 0042", "NLS-HR22")
	s.class("tty/ttyACM0", "devices/pci/usb1/1-1.2/1-1.2:1.0")
	s.usb("1-1.3", "1a86", "7523", "", "USB Serial")
	s.class("tty/ttyUSB0", "devices/pci/usb1/1-1.3/1-1.3:1.0/ttyUSB0")
	s.usb("1-1.4", "05e0", "1200", "00000000", "Bar Code Scanner")
	s.write("devices/pci/usb1/1-1.4/1-1.4:1.0/0003/input/input7/capabilities/key", boardKeys)
	s.class("input/event7", "devices/pci/usb1/1-1.4/1-1.4:1.0/0003/input/input7")
	s.write("devices/pci/usb1/1-1.4/1-1.4:1.1/0003/input/input8/capabilities/key", fewKeys)
	s.class("input/event8", "devices/pci/usb1/1-1.4/1-1.4:1.1/0003/input/input8")
	s.usb("1-1.1", "0483", "5743", "", "POS80")
	s.write("devices/pci/usb1/1-1.1/1-1.1:1.0/ieee1284_id", "MFG:STM;MDL:POS80;CMD:ESC/POS;")
	s.class("usbmisc/lp0", "devices/pci/usb1/1-1.1/1-1.1:1.0")
	s.write("class/tty/ttyS0/type", "4")
	s.class("tty/ttyS0", "devices/platform/serial8250")
	s.write("class/tty/ttyS1/type", "0")
	s.class("tty/ttyS1", "devices/platform/serial8250")
	s.write("class/tty/tty1/dev", "4:1")
	s.write("class/usbmisc/hiddev0/dev", "180:96")
	return s
}

func TestDevicesOfACounter(t *testing.T) {
	want := map[string]hotplug.Device{
		"/dev/ttyACM0":      {Class: hotplug.Serial, Vendor: "1eab", Product: "0c22", Serial: "SN 0042", Port: "1-1.2", Name: "NLS-HR22"},
		"/dev/ttyUSB0":      {Class: hotplug.Serial, Vendor: "1a86", Product: "7523", Port: "1-1.3", Name: "USB Serial"},
		"/dev/input/event7": {Class: hotplug.Keyboard, Vendor: "05e0", Product: "1200", Port: "1-1.4", Name: "Bar Code Scanner"},
		"/dev/usb/lp0":      {Class: hotplug.Printer, Vendor: "0483", Product: "5743", Port: "1-1.1", Name: "POS80", Says: "MFG:STM;MDL:POS80;CMD:ESC/POS;"},
		"/dev/ttyS0":        {Class: hotplug.Serial},
	}
	got := map[string]hotplug.Device{}
	for _, d := range counter(t).bus().Devices() {
		node := d.Node
		d.Node = ""
		got[node] = d
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Devices() (-want +got):\n%s", diff)
	}
}

// What is written into the settings finds the same device again, wherever its
// node is.
func TestKeysFindTheirDevice(t *testing.T) {
	bus := counter(t).bus()
	for _, d := range bus.Devices() {
		if d.Vendor == "" {
			continue
		}
		found, err := bus.Find(d.Class, d.Key())
		if err != nil || found != d || !hotplug.ValidKey(d.Key()) {
			t.Errorf("Find(%v, %q) = %+v, %v, want %+v", d.Class, d.Key(), found, err, d)
		}
	}
}

func TestFind(t *testing.T) {
	s := counter(t)
	s.usb("1-2", "1a86", "7523", "", "USB Serial")
	s.class("tty/ttyUSB1", "devices/pci/usb1/1-2/1-2:1.0/ttyUSB1")
	tests := []struct {
		name  string
		class hotplug.Class
		key   string
		node  string
		err   error
	}{
		{"vendor-and-product", hotplug.Serial, "1eab:0c22", "/dev/ttyACM0", nil},
		{"in-capitals", hotplug.Serial, "1EAB:0C22", "/dev/ttyACM0", nil},
		{"serial-number", hotplug.Serial, "1eab:0c22:SN 0042", "/dev/ttyACM0", nil},
		{"another-serial-number", hotplug.Serial, "1eab:0c22:SN 0043", "", hotplug.ErrMissing},
		{"two-alike", hotplug.Serial, "1a86:7523", "", hotplug.ErrSeveral},
		{"two-alike-by-socket", hotplug.Serial, "1a86:7523@1-2", "/dev/ttyUSB1", nil},
		{"no-serial-number-is-none", hotplug.Keyboard, "05e0:1200:00000000", "", hotplug.ErrMissing},
		{"nothing", hotplug.Serial, "ffff:0000", "", hotplug.ErrMissing},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := s.bus().Find(tt.class, tt.key)
			if got.Node != tt.node || !errors.Is(err, tt.err) {
				t.Errorf("Find(%v, %q) = %q, %v, want %q, %v", tt.class, tt.key, got.Node, err, tt.node, tt.err)
			}
		})
	}
	var wrong *hotplug.WrongClassError
	if _, err := s.bus().Find(hotplug.Serial, "05e0:1200"); !errors.As(err, &wrong) || wrong.Got.Class != hotplug.Keyboard {
		t.Errorf("Find of a wedge as a serial line = %v, want to hear that it is a keyboard", err)
	}
}

func TestValidKey(t *testing.T) {
	for key, want := range map[string]bool{
		"1eab:0c22": true, "1EAB:0C22:A:B": true, "1eab:0c22@1-1.2": true,
		"": false, "1eab": false, "1eab:0c2": false, "1eab:0c22:": false, "1eab:0c22@": false, "x:y": false, "/dev/ttyACM0": false, "+eab:0c22": false,
	} {
		if got := hotplug.ValidKey(key); got != want {
			t.Errorf("ValidKey(%q) = %v, want %v", key, got, want)
		}
	}
}

// The poll under the kernel's events sees a device come and go.
func TestWatchSeesWhatNoEventTells(t *testing.T) {
	t.Parallel()
	s := newTree(t)
	changed := make(chan struct{}, 10)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- hotplug.NewWatch(s.bus(), func() { changed <- struct{}{} }, nil).Run(ctx)
	}()
	time.Sleep(100 * time.Millisecond) // its first look
	s.usb("1-1", "1eab", "0c22", "", "NLS-HR22")
	s.class("tty/ttyACM0", "devices/pci/usb1/1-1/1-1:1.0")
	select {
	case <-changed:
	case <-time.After(20 * time.Second):
		t.Error("nobody was told of a device that came")
	}
	began := time.Now()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("Run ended after %v, want within a second", took)
	}
}
