package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const gadgets = "/sys/kernel/config/usb_gadget"

// modulesFile lists the kernel's modules in the order in which they are loaded,
// each with its parameters.
const modulesFile = "/modules/order"

// boot makes a system of a bare kernel: file systems, drivers, loopback.
func boot() error {
	for _, m := range []struct{ kind, at string }{{"devtmpfs", "/dev"}, {"proc", "/proc"}, {"sysfs", "/sys"}, {"tmpfs", "/tmp"}, {"tmpfs", "/run"}} {
		if err := os.MkdirAll(m.at, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.kind, m.at, m.kind, 0, ""); err != nil && err != unix.EBUSY {
			return fmt.Errorf("mount %s: %w", m.at, err)
		}
	}
	if err := loadModules(); err != nil {
		return err
	}
	if err := unix.Mount("configfs", "/sys/kernel/config", "configfs", 0, ""); err != nil {
		return fmt.Errorf("mount configfs: %w", err)
	}
	return loopbackUp()
}

func loadModules() error {
	f, err := os.Open(modulesFile)
	if err != nil {
		return err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, parameters, _ := strings.Cut(lines.Text(), " ")
		module, err := os.Open(filepath.Join("/modules", name))
		if err != nil {
			return err
		}
		err = unix.FinitModule(int(module.Fd()), parameters, 0)
		_ = module.Close()
		if err != nil && err != unix.EEXIST {
			return fmt.Errorf("load %s: %w", name, err)
		}
	}
	return nil
}

func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	r, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, r)
}

// A gadget is one USB device, made of the kernel's gadget functions.
type gadget struct {
	name, socket string // of the device, and the controller that it is plugged into
	key          string // what the settings call it
}

// newGadget makes a device that is not plugged in yet.
func newGadget(name, socket, vendor, product, serial, function string, settings map[string]string) (gadget, error) {
	g := gadget{name: name, socket: socket, key: vendor + ":" + product + ":" + serial}
	at := filepath.Join(gadgets, name)
	for _, dir := range []string{at, at + "/strings/0x409", at + "/configs/c.1", at + "/functions/" + function} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return g, err
		}
	}
	values := map[string]string{
		"idVendor": "0x" + vendor, "idProduct": "0x" + product, "strings/0x409/serialnumber": serial,
		"strings/0x409/manufacturer": "Jifen test", "strings/0x409/product": name,
	}
	for k, v := range settings {
		values["functions/"+function+"/"+k] = v
	}
	for k, v := range values {
		if err := os.WriteFile(filepath.Join(at, k), []byte(v), 0); err != nil {
			return g, err
		}
	}
	return g, os.Symlink(at+"/functions/"+function, at+"/configs/c.1/"+function)
}

// plug plugs the device in; unplug pulls it out.
func (g gadget) plug() error   { return g.connect(g.socket) }
func (g gadget) unplug() error { return g.connect("\n") }

func (g gadget) connect(to string) error {
	if err := os.WriteFile(filepath.Join(gadgets, g.name, "UDC"), []byte(to), 0); err != nil {
		return fmt.Errorf("plug %s into %q: %w", g.name, to, err)
	}
	return nil
}

// bootKeyboard is the report descriptor of a keyboard of eight bytes a report, as
// the HID specification prints it.
const bootKeyboard = "\x05\x01\x09\x06\xa1\x01\x05\x07\x19\xe0\x29\xe7\x15\x00\x25\x01\x75\x01\x95\x08\x81\x02\x95\x01\x75\x08" +
	"\x81\x03\x95\x05\x75\x01\x05\x08\x19\x01\x29\x05\x91\x02\x95\x01\x75\x03\x91\x03\x95\x06\x75\x08\x15\x00\x25\x65\x05\x07" +
	"\x19\x00\x29\x65\x81\x00\xc0"

// report is a key of a USB keyboard going down, with shift or without.
func report(c byte) ([]byte, error) {
	r := make([]byte, 8)
	switch {
	case c >= 'a' && c <= 'z':
		r[2] = c - 'a' + 4
	case c >= 'A' && c <= 'Z':
		r[0], r[2] = 2, c-'A'+4
	case c >= '1' && c <= '9':
		r[2] = c - '1' + 30
	case c == '0':
		r[2] = 39
	case c == '\r':
		r[2] = 40
	default:
		return nil, fmt.Errorf("no key types %q", c)
	}
	return r, nil
}

// openSoon opens a device that the kernel is just making.
func openSoon(path string, flags int) (*os.File, error) {
	var f *os.File
	err := soon("open "+path, func() (err error) {
		f, err = os.OpenFile(path, flags, 0)
		return err
	})
	return f, err
}

// patience is how long something may take: the machine is emulated, on a computer
// that has other work.
const patience = 2 * time.Minute

// soon tries until it works.
func soon(what string, try func() error) error {
	var err error
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if err = try(); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%s: %w", what, err)
}
