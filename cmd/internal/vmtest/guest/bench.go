package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/devices/virtual"
)

// A bench is a counter: three devices, the daemon, and who works at its lanes.
type bench struct {
	scanner, wedge, printer gadget
	line                    *os.File // the scanner's side of its serial line
	keys                    *os.File // the wedge's side of its reports
	press                   *virtual.Printer
	shelf                   string
	daemon                  *exec.Cmd
	lanes                   [2]*screen
	stopPrinter             context.CancelFunc
}

// Goods of the sample documents.
const (
	rice   = "6900001000112"
	millet = "6900001000228"
)

// pinHash stands for 246810. Making one takes an emulated machine very long.
const pinHash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdCBvZiB0aGUgdGVzdCBtYWNoaW5l$gul13LEdX5OmJRkrEufZyhPNcGzl7v1WC9mmM48THBY"

// newBench makes the devices; none is plugged in.
func newBench() (*bench, error) {
	b := &bench{shelf: "/tmp/shelf"}
	var err error
	if b.scanner, err = newGadget("scanner", "dummy_udc.0", "1eab", "0c22", "SN0042", "acm.0", nil); err != nil {
		return nil, fmt.Errorf("make the scanner: %w", err)
	}
	if b.wedge, err = newGadget("wedge", "dummy_udc.1", "05e0", "1200", "SN0043", "hid.0", map[string]string{
		"protocol": "1", "subclass": "1", "report_length": "8", "report_desc": bootKeyboard,
	}); err != nil {
		return nil, fmt.Errorf("make the wedge: %w", err)
	}
	if b.printer, err = newGadget("printer", "dummy_udc.2", "0483", "5743", "SN0044", "printer.0", map[string]string{
		"pnp_string": "MFG:Jifen;MDL:Test;CMD:ESC/POS;CLS:PRINTER;",
	}); err != nil {
		return nil, fmt.Errorf("make the printer: %w", err)
	}
	return b, b.writeSettings()
}

func (b *bench) writeSettings() error {
	settings := fmt.Sprintf(`data = "/tmp/till"
[terminal]
id = 1
name = "Till 1"
store = "S1"
store_name_zh = "一店"
[ledger]
any_file_system = true
[hq]
url = "tcp://127.0.0.1:1"
[cashier]
listen = "127.0.0.1:8480"
[[people]]
id = "c1"
name = "Li"
pin = '%s'
[[people]]
id = "c2"
name = "Wang"
pin = '%s'
[[scanners]]
name = "counter"
kind = "serial"
usb = %q
[[scanners]]
name = "side"
kind = "hid"
usb = %q
[printer]
kind = "usb"
address = "/dev/usb/lp0"
profile = "generic58"
[documents]
programme = "programme.yaml"
products = "products.csv"
members = "members.csv"
`, pinHash, pinHash, b.scanner.key, b.wedge.key)
	for name, text := range map[string][]byte{
		"jifend.toml": []byte(settings), "programme.yaml": demo.Programme, "products.csv": demo.Products, "members.csv": demo.Members,
	} {
		if err := os.WriteFile(filepath.Join("/tmp", name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// list asks the tool what is plugged in: first nothing, then all three.
func (b *bench) list() error {
	tool := func() (string, error) {
		out, err := exec.Command("/bin/jifen", "devices").CombinedOutput()
		return string(out), err
	}
	before, err := tool()
	if err != nil || strings.Contains(before, "usb = ") {
		return fmt.Errorf("with nothing plugged in: %v\n%s", err, before)
	}
	gadgets := []gadget{b.scanner, b.wedge, b.printer}
	for _, g := range gadgets {
		if err := g.plug(); err != nil {
			return err
		}
	}
	err = soon("all devices in the list", func() error {
		text, err := tool()
		for _, want := range []string{
			"kind = \"serial\"  usb = \"" + b.scanner.key + "\"", "kind = \"hid\"  usb = \"" + b.wedge.key + "\"", "address = \"/dev/usb/lp0\"", "MDL:Test",
		} {
			if err != nil || !strings.Contains(text, want) {
				return fmt.Errorf("want %s in it: %v\n%s", want, err, text)
			}
		}
		return nil
	})
	for _, g := range gadgets {
		err = errors.Join(err, g.unplug())
	}
	return err
}

// startWithout starts the daemon with nothing plugged in.
func (b *bench) startWithout() error {
	b.daemon = exec.Command("/bin/jifend", "-config", "/tmp/jifend.toml")
	b.daemon.Env = []string{"RUNTIME_DIRECTORY=/run", "HOME=/tmp"}
	log, err := os.Create("/tmp/jifend.log")
	if err != nil {
		return err
	}
	b.daemon.Stdout, b.daemon.Stderr = log, log
	if err := b.daemon.Start(); err != nil {
		return fmt.Errorf("start the daemon: %w", err)
	}
	for n, person := range []string{"c1", "c2"} {
		b.lanes[n] = newScreen(n + 1)
		if err := soon("sign in at lane "+person, func() error { return b.lanes[n].post("signin", "person", person, "pin", "246810") }); err != nil {
			return err
		}
		if _, err := b.lanes[n].sees("its missing scanner", func(v view) bool {
			d := v.device("scanner")
			return !d.OK && strings.Contains(d.EN, "is plugged in: check its cable") && d.ZH != ""
		}); err != nil {
			return err
		}
	}
	return nil
}

// plugAll plugs everything in and waits for the daemon to take it up.
func (b *bench) plugAll() error {
	if err := errors.Join(b.plug(b.printer), b.plug(b.scanner), b.plug(b.wedge)); err != nil {
		return err
	}
	for _, l := range b.lanes {
		if err := l.scannerReady(); err != nil {
			return err
		}
	}
	_, err := b.lanes[0].sees("its printer", func(v view) bool { return v.device("printer").OK })
	return err
}

// plug plugs a device in and opens its own side, which goes with every unplugging.
func (b *bench) plug(g gadget) (err error) {
	if err := g.plug(); err != nil {
		return err
	}
	switch g {
	case b.scanner:
		closeIf(b.line)
		if b.line, err = openSoon("/dev/ttyGS0", os.O_RDWR|unix.O_NOCTTY); err == nil {
			err = raw(b.line)
		}
	case b.wedge:
		closeIf(b.keys)
		b.keys, err = openSoon("/dev/hidg0", os.O_RDWR)
	case b.printer:
		err = b.startPrinter()
	}
	return err
}

// unplug pulls a device out. The wedge's own side is closed first: the kernel's
// gadget frees what an open one still points to, and closing that later hangs
// everybody who opens a device (seen on armhf, in cd_forget).
func (b *bench) unplug(g gadget) error {
	if g == b.wedge {
		closeIf(b.keys)
		b.keys = nil
	}
	return g.unplug()
}

func closeIf(f *os.File) {
	if f != nil {
		_ = f.Close()
	}
}

// raw lets every byte through as it is.
func raw(f *os.File) error {
	t, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	return unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, t)
}

// startPrinter puts the project's printer behind the gadget: its paper is looked
// at, and its answers go back as a printer's do. The printer stays the same over
// every unplugging; its cable is a new one.
func (b *bench) startPrinter() error {
	if b.press == nil {
		p, err := virtual.NewPrinter(virtual.PrinterOptions{Dir: b.shelf})
		if err != nil {
			return fmt.Errorf("the printer behind the gadget: %w", err)
		}
		b.press = p
		ctx, stop := context.WithCancel(context.Background())
		b.stopPrinter = stop
		go func() { _ = p.Run(ctx) }()
	}
	gadget, err := openSoon("/dev/g_printer0", os.O_RDWR)
	if err != nil {
		return err
	}
	conn, err := net.Dial("tcp", b.press.Addr())
	if err != nil {
		return err
	}
	go pump(conn, gadget)
	go pump(gadget, conn)
	return nil
}

// pump hands bytes on until one end is gone. A gadget that nobody writes to reads
// as empty.
func pump(to, from io.ReadWriteCloser) {
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if _, err = to.Write(buf[:n]); err != nil {
				fmt.Println("note: the printer's cable:", err)
			}
		}
		_, gadget := from.(*os.File)
		if n == 0 && gadget && (err == nil || errors.Is(err, io.EOF)) {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if err != nil {
			_, _ = to.Close(), from.Close()
			return
		}
	}
}

// stop ends the daemon in order and shows what it said if it does not end well.
func (b *bench) stop() {
	if b.daemon == nil || b.daemon.Process == nil {
		return
	}
	_ = b.daemon.Process.Signal(syscall.SIGTERM)
	if err := b.daemon.Wait(); err != nil {
		fmt.Println("the daemon ended with", err)
	}
	if log, err := os.ReadFile("/tmp/jifend.log"); err == nil {
		fmt.Printf("--- the daemon's log\n%s---\n", log[max(0, len(log)-6000):])
	}
	if b.stopPrinter != nil {
		b.stopPrinter()
	}
}
