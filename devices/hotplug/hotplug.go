// Package hotplug tells which serial lines, keyboards and printers are plugged in,
// by what they are and not by what node they got, and when that changes (dev
// 6.3). It reads the kernel's own tree below /sys, so it works with udev and
// without.
//
// It opens no device and decides nothing about one.
package hotplug

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Class is what a device is to a till.
type Class uint8

// The classes.
const (
	Serial   Class = iota // a serial line, of USB or on the board
	Keyboard              // has digits and Enter
	Printer               // the kernel's USB printer driver
)

var classNames = [...]string{"serial", "keyboard", "printer"}

// String names the class in lower case.
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return fmt.Sprintf("class(%d)", uint8(c))
}

// where a class stands below /sys/class, and which names there it has. Consoles
// and the many lines of a board that lead nowhere are not among them.
var classes = []struct {
	class    Class
	folder   string
	prefixes []string
	nodes    string // folder below /dev
}{
	{Serial, "tty", []string{"ttyACM", "ttyUSB", "ttyAMA", "ttyS"}, ""},
	{Keyboard, "input", []string{"event"}, "input"},
	{Printer, "usbmisc", []string{"lp"}, "usb"},
}

// A Device is one plugged-in device.
type Device struct {
	Class   Class
	Node    string // such as /dev/ttyACM0; another after every plugging in
	Vendor  string // four hexadecimal digits, "" for a device that is not of USB
	Product string
	Serial  string // "" when it has none of its own
	Port    string // the socket, such as 1-1.4; stays with the socket
	Name    string // as the maker calls it
	Says    string // a printer's device id, such as MFG:…;MDL:…;CMD:ESC/POS; not to be relied on
}

// Key is what to write into the settings to mean this device and no other: its
// serial number, or its socket where it has none of its own, as the cheap ones do
// (dev 6.3).
func (d Device) Key() string {
	switch {
	case d.Vendor == "":
		return d.Node
	case d.Serial != "":
		return d.Vendor + ":" + d.Product + ":" + d.Serial
	}
	return d.Vendor + ":" + d.Product + "@" + d.Port
}

// Matches reports whether a key from the settings means this device:
// vendor:product, vendor:product:serial or vendor:product@socket.
func (d Device) Matches(key string) bool {
	id := d.Vendor + ":" + d.Product
	rest, ok := cutFold(key, id)
	if d.Vendor == "" || !ok {
		return false
	}
	return rest == "" || rest == ":"+d.Serial && d.Serial != "" || rest == "@"+d.Port
}

// cutFold cuts a prefix whose letters may be of either case.
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// ValidKey reports the form of a key.
func ValidKey(key string) bool {
	id := key
	if i := strings.IndexByte(key, '@'); i >= 0 {
		id = key[:i]
		if i == len(key)-1 {
			return false
		}
	} else if parts := strings.SplitN(key, ":", 3); len(parts) == 3 {
		if parts[2] == "" {
			return false
		}
		id = parts[0] + ":" + parts[1]
	}
	vendor, product, ok := strings.Cut(id, ":")
	return ok && isHex4(vendor) && isHex4(product)
}

func isHex4(s string) bool {
	_, err := strconv.ParseUint(s, 16, 16)
	return len(s) == 4 && err == nil
}

// A Bus is where to look. The zero value is this machine.
type Bus struct {
	Sys string // "" is /sys
	Dev string // "" is /dev
}

func (b Bus) sys(parts ...string) string {
	root := b.Sys
	if root == "" {
		root = "/sys"
	}
	return filepath.Join(append([]string{root}, parts...)...)
}

func (b Bus) dev(parts ...string) string {
	root := b.Dev
	if root == "" {
		root = "/dev"
	}
	return filepath.Join(append([]string{root}, parts...)...)
}

// The reasons for which a device is not found.
var (
	// ErrMissing: nothing with this key is plugged in.
	ErrMissing = errors.New("hotplug: no such device is plugged in")
	// ErrSeveral: the key means more than one.
	ErrSeveral = errors.New("hotplug: several devices answer to this key")
)

// A WrongClassError says that the device is plugged in and is something else than
// what was looked for, as a scanner in keyboard mode is no serial line.
type WrongClassError struct{ Got Device }

func (e *WrongClassError) Error() string {
	return fmt.Sprintf("hotplug: the device is a %s (%s)", e.Got.Class, e.Got.Node)
}

// Find returns the one device of a class that a key means.
func (b Bus) Find(class Class, key string) (Device, error) {
	var found, other []Device
	for _, d := range b.Devices() {
		switch {
		case !d.Matches(key):
		case d.Class == class:
			found = append(found, d)
		default:
			other = append(other, d)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return Device{}, fmt.Errorf("%w: %s and %s", ErrSeveral, found[0].Key(), found[1].Key())
	case len(other) > 0:
		return Device{}, &WrongClassError{other[0]}
	}
	return Device{}, ErrMissing
}

// Devices lists what is plugged in, by class and node.
func (b Bus) Devices() []Device {
	var all []Device
	for _, c := range classes {
		names, err := os.ReadDir(b.sys("class", c.folder))
		if err != nil {
			continue // a kernel without such devices
		}
		for _, n := range names {
			if !slices.ContainsFunc(c.prefixes, func(p string) bool { return numbered(n.Name(), p) }) {
				continue
			}
			if d, ok := b.device(c.class, b.sys("class", c.folder, n.Name())); ok {
				d.Node = b.dev(c.nodes, n.Name())
				all = append(all, d)
			}
		}
	}
	return all
}

// numbered reports a prefix with a number behind it.
func numbered(name, prefix string) bool {
	rest, ok := strings.CutPrefix(name, prefix)
	_, err := strconv.Atoi(rest)
	return ok && err == nil
}

// device reads what the kernel says of one device, and whether it is one that a
// till could use.
func (b Bus) device(class Class, folder string) (Device, bool) {
	at, err := filepath.EvalSymlinks(filepath.Join(folder, "device"))
	if err != nil {
		return Device{}, false // no hardware behind it
	}
	if class == Keyboard && !typesCodes(text(at, "capabilities", "key")) {
		return Device{}, false
	}
	d := Device{Class: class}
	for dir := at; len(dir) > len(b.sys()); dir = filepath.Dir(dir) {
		if d.Vendor = text(dir, "idVendor"); d.Vendor == "" {
			continue
		}
		d.Product, d.Serial, d.Name = text(dir, "idProduct"), ownSerial(text(dir, "serial")), text(dir, "product")
		d.Port = filepath.Base(dir)
		d.Says = text(at, "ieee1284_id")
		return d, true
	}
	if class == Serial {
		// A line of the board: it is one if a driver has found a chip behind it.
		kind := text(folder, "type")
		return d, kind != "" && kind != "0"
	}
	d.Name = text(at, "name")
	return d, true
}

// ownSerial gives a serial number that tells devices apart, or "".
func ownSerial(s string) string {
	if strings.Trim(s, "0") == "" {
		return ""
	}
	return s
}

// typesCodes reports, of the bits of a device's keys as the kernel writes them, a
// keyboard with 1, 0 and Enter. Of the two event nodes of a scanner one has them.
func typesCodes(bits string) bool {
	words := strings.Fields(bits)
	if len(words) == 0 {
		return false
	}
	low, err := strconv.ParseUint(words[len(words)-1], 16, 64) // keys 0 to 31 at least
	const want = 1<<2 | 1<<11 | 1<<28
	return err == nil && low&want == want
}

// text reads one short file of the kernel's tree, or "".
func text(parts ...string) string {
	b, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
