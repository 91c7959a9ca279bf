package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// unplugLimit is how soon an unplugged scanner is to be told: a second in a shop
// (dev 6.2), and what it takes to look by HTTP on a slow board.
const unplugLimit = 1500 * time.Millisecond

func (b *bench) send(text string) error {
	_, err := b.line.WriteString(text)
	return err
}

// typeKeys types a text on the wedge, a report each few milliseconds as scanners do:
// faster, the kernel drops key presses.
func (b *bench) typeKeys(text string) error {
	for i := range len(text) {
		down, err := report(text[i])
		if err != nil {
			return err
		}
		for _, r := range [][]byte{down, make([]byte, 8)} {
			if _, err := b.keys.Write(r); err != nil {
				return fmt.Errorf("type %q: %w", text, err)
			}
			time.Sleep(4 * time.Millisecond)
		}
	}
	return nil
}

func (b *bench) serialScan() error {
	if err := b.send("]E0" + rice + "\r\n"); err != nil {
		return err
	}
	_, err := b.lanes[0].sees("rice", func(v view) bool { return v.pieces(rice) == 1 })
	return err
}

// wedgeScan types a code, and looks that the daemon has the device for itself.
func (b *bench) wedgeScan() error {
	if err := b.typeKeys(millet + "\r"); err != nil {
		return err
	}
	if _, err := b.lanes[1].sees("millet", func(v view) bool { return v.pieces(millet) == 1 }); err != nil {
		return err
	}
	nodes, err := filepath.Glob("/sys/class/input/event*/device/name")
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if name, _ := os.ReadFile(n); !strings.Contains(string(name), "wedge") {
			continue
		}
		node := "/dev/input/" + filepath.Base(filepath.Dir(filepath.Dir(n)))
		f, err := os.OpenFile(node, os.O_RDONLY|unix.O_NONBLOCK, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		const eviocgrab = 0x40044590
		if err := unix.IoctlSetInt(int(f.Fd()), eviocgrab, 1); !errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("another program grabs %s: %v, want it busy", node, err)
		}
		return nil
	}
	return errors.New("the wedge has no event device")
}

func (b *bench) serialUnplugged() error {
	before, err := b.lanes[0].view()
	if err != nil {
		return err
	}
	return b.unpluggedInMidScan(b.lanes[0], b.scanner, before.Message.N,
		func() error { return b.send(rice[:6]) }, func() error { return b.send(rice + "\r") }, rice)
}

func (b *bench) wedgeUnplugged() error {
	before, err := b.lanes[1].view()
	if err != nil {
		return err
	}
	return b.unpluggedInMidScan(b.lanes[1], b.wedge, before.Message.N,
		func() error { return b.typeKeys(millet[:6]) }, func() error { return b.typeKeys(millet + "\r") }, millet)
}

// unpluggedInMidScan sends half a scan, pulls the cable, plugs it in again and
// scans: one bad read, then one piece more.
func (b *bench) unpluggedInMidScan(lane *screen, g gadget, messages uint64, half, whole func() error, goods string) error {
	v, err := lane.view()
	if err != nil {
		return err
	}
	had := v.pieces(goods)
	if err := half(); err != nil {
		return err
	}
	time.Sleep(100 * time.Millisecond) // it is on its way
	pulled := time.Now()
	if err := b.unplug(g); err != nil {
		return err
	}
	if _, err := lane.sees("that it is unplugged", func(v view) bool { return !v.device("scanner").OK }); err != nil {
		return err
	}
	if took := time.Since(pulled); took > unplugLimit {
		return fmt.Errorf("the unplugging was told after %v", took)
	}
	if v, err = lane.sees("a bad read", func(v view) bool { return v.Message.N > messages }); err != nil {
		return err
	}
	if v.Message.Code != "bad-read" || v.pieces(goods) != had {
		return fmt.Errorf("after half a scan it shows %+v", v)
	}
	if err := b.plug(g); err != nil {
		return err
	}
	if err := lane.scannerReady(); err != nil {
		return err
	}
	if err := whole(); err != nil {
		return err
	}
	if v, err = lane.sees("one piece more", func(v view) bool { return v.pieces(goods) > had }); err == nil && v.pieces(goods) != had+1 {
		err = fmt.Errorf("one scan made %d pieces of %d", v.pieces(goods), had)
	}
	return err
}

// wrongMode lets the serial scanner come back as a keyboard.
func (b *bench) wrongMode() error {
	if err := errors.Join(b.unplug(b.scanner), b.unplug(b.wedge)); err != nil {
		return err
	}
	product := filepath.Join(gadgets, "wedge", "idProduct")
	vendor := filepath.Join(gadgets, "wedge", "idVendor")
	serial := filepath.Join(gadgets, "wedge", "strings/0x409/serialnumber")
	set := func(v, p, s string) error {
		return errors.Join(os.WriteFile(vendor, []byte(v), 0), os.WriteFile(product, []byte(p), 0), os.WriteFile(serial, []byte(s), 0))
	}
	if err := set("0x1eab", "0x0c22", "SN0042"); err != nil {
		return err
	}
	if err := b.wedge.plug(); err != nil {
		return err
	}
	_, err := b.lanes[0].sees("a scanner in keyboard mode", func(v view) bool {
		d := v.device("scanner")
		return !d.OK && strings.Contains(d.EN, "is in keyboard mode: set it to USB serial") && strings.Contains(d.ZH, "键盘模式")
	})
	err = errors.Join(err, b.unplug(b.wedge), set("0x05e0", "0x1200", "SN0043"), b.plug(b.wedge), b.plug(b.scanner))
	if err != nil {
		return err
	}
	return errors.Join(b.lanes[0].scannerReady(), b.lanes[1].scannerReady())
}

// papers is how many papers the printer has given.
func (b *bench) papers() int { return len(b.press.Papers()) }

func (b *bench) pay(lane *screen) error {
	v, err := lane.view()
	if err != nil {
		return err
	}
	return lane.post("pay", "ref", v.Ref, "cash", fmt.Sprintf("%d.%02d", v.Quote.ToPay/100, v.Quote.ToPay%100))
}

func (b *bench) printed() error {
	if err := b.pay(b.lanes[0]); err != nil {
		return err
	}
	err := soon("a receipt on paper", func() error {
		if n := b.papers(); n != 1 {
			return fmt.Errorf("%d papers", n)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if text := b.press.Papers()[0].Text; !strings.Contains(text, "99.80") {
		return fmt.Errorf("the receipt lacks its total:\n%s", text)
	}
	return nil
}

// printerUnplugged sells while the printer is away.
func (b *bench) printerUnplugged() error {
	if err := b.printer.unplug(); err != nil {
		return err
	}
	if err := b.pay(b.lanes[1]); err != nil {
		return err
	}
	if _, err := b.lanes[1].sees("that the printer is away", func(v view) bool { return !v.device("printer").OK }); err != nil {
		return err
	}
	if n := b.papers(); n != 1 {
		return fmt.Errorf("%d papers with the printer unplugged, want 1", n)
	}
	if err := b.plug(b.printer); err != nil {
		return err
	}
	return soon("the waiting receipt on paper", func() error {
		if n := b.papers(); n != 2 {
			v, _ := b.lanes[1].view()
			return fmt.Errorf("%d papers; the lane shows %+v", n, v)
		}
		return nil
	})
}

// voucherUnplugged pulls the printer's cable in the middle of a voucher. Nobody
// but the paper knows what became of it, so the till asks; printed again it has
// the same number and says that it is not the first.
func (b *bench) voucherUnplugged() error {
	lane := b.lanes[0]
	if err := b.sellForPoints(lane); err != nil {
		return err
	}
	pulled := make(chan error, 1)
	b.press.AtByte(12_000, func() { pulled <- b.printer.unplug() }) // within its code, also behind a greeting that had to be long
	v, err := lane.view()
	if err != nil {
		return err
	}
	if err := lane.post("redeem", "ref", v.Ref, "benefit", "tea-set"); err != nil {
		return err
	}
	v, err = lane.sees("a paper in doubt", func(v view) bool { return len(v.Jobs) > 0 && v.Jobs[0].State == "unknown" })
	if err != nil {
		return err
	}
	id := v.Jobs[0].ID
	if err := errors.Join(<-pulled, b.plug(b.printer), lane.post("reprint", "job", fmt.Sprint(id))); err != nil {
		return err
	}
	v, err = lane.sees("the voucher printed", func(v view) bool { return v.Jobs[0].ID == id && v.Jobs[0].State == "printed" })
	if err != nil {
		return err
	}
	if v.Jobs[0].Attempt != 2 {
		return fmt.Errorf("the voucher was printed at attempt %d, want 2", v.Jobs[0].Attempt)
	}
	if err := lane.post("clear"); err != nil {
		return err
	}
	return soon("the second paper", func() error {
		for _, p := range b.press.Papers() {
			if strings.Contains(p.Text, "补打 第1次") && strings.Contains(p.Text, "茗茶体验套装") {
				return nil
			}
		}
		return fmt.Errorf("none of %d papers is the voucher again", b.papers())
	})
}

// sellForPoints sells a member enough for a voucher, and has them stand at the
// till again.
func (b *bench) sellForPoints(lane *screen) error {
	const card = "HM10001001V"
	if err := errors.Join(b.send(card+"\r"), b.send(rice+"\r")); err != nil {
		return err
	}
	if _, err := lane.sees("rice", func(v view) bool { return v.pieces(rice) == 1 && v.Member != nil }); err != nil {
		return err
	}
	if err := lane.post("qty", "line", "0", "qty", "20"); err != nil {
		return err
	}
	if err := b.pay(lane); err != nil {
		return err
	}
	if _, err := lane.sees("the receipt printed", func(v view) bool { return len(v.Jobs) > 0 && v.Jobs[0].State == "printed" }); err != nil {
		return err
	}
	if err := b.send(card + "\r"); err != nil {
		return err
	}
	_, err := lane.sees("the member", func(v view) bool { return v.Member != nil })
	return err
}

// rounds is how often manyTimes pulls the cables, if the machine was not told.
const rounds = 5

// manyTimes pulls both scanners out and in, with a whole scan before each pull.
// How often, the machine's command line may say.
func (b *bench) manyTimes() error {
	times := rounds
	if n, err := strconv.Atoi(os.Getenv("rounds")); err == nil {
		times = n
	}
	for i := range times {
		if err := b.send(rice + "\r"); err != nil {
			return err
		}
		if err := b.typeKeys(millet + "\r"); err != nil {
			return err
		}
		for n, goods := range []string{rice, millet} {
			if v, err := b.lanes[n].sees("the scan of round "+fmt.Sprint(i+1), func(v view) bool { return v.pieces(goods) >= int64(i+1) }); err != nil {
				return err
			} else if v.pieces(goods) != int64(i+1) {
				return fmt.Errorf("round %d: %d pieces", i+1, v.pieces(goods))
			}
		}
		if err := errors.Join(b.unplug(b.scanner), b.unplug(b.wedge)); err != nil {
			return err
		}
		for _, l := range b.lanes {
			if _, err := l.sees("the unplugging of round "+fmt.Sprint(i+1), func(v view) bool { return !v.device("scanner").OK }); err != nil {
				return err
			}
		}
		if err := errors.Join(b.plug(b.scanner), b.plug(b.wedge)); err != nil {
			return err
		}
		for _, l := range b.lanes {
			if err := l.scannerReady(); err != nil {
				return err
			}
		}
	}
	return nil
}
