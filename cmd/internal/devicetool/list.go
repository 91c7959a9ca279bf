package devicetool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/devices/hotplug"
)

// List writes what is plugged in: how to name it in the settings, what it can do,
// and what is wrong with it.
func List(bus hotplug.Bus, out io.Writer) error {
	devices := bus.Devices()
	if len(devices) == 0 {
		_, err := fmt.Fprintln(out, "没有发现设备：请检查连接线和供电。\nNothing is plugged in: check cables and power.")
		return err
	}
	for _, d := range devices {
		if err := show(out, "", d); err != nil {
			return err
		}
	}
	return nil
}

// Watch writes what comes and goes until ctx ends.
func Watch(ctx context.Context, bus hotplug.Bus, out io.Writer, log *slog.Logger) error {
	changes := make(chan struct{}, 1)
	ended := make(chan error, 1)
	ctx, stop := context.WithCancel(ctx)
	go func() {
		ended <- hotplug.NewWatch(bus, func() {
			select {
			case changes <- struct{}{}:
			default:
			}
		}, log).Run(ctx)
	}()
	before := bus.Devices()
	err := List(bus, out)
	for err == nil && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-changes:
			now := bus.Devices()
			err = showChanges(out, before, now)
			before = now
		}
	}
	stop()
	<-ended
	return err
}

func showChanges(out io.Writer, before, now []hotplug.Device) error {
	for _, d := range before {
		if !slices.Contains(now, d) {
			if err := show(out, "- ", d); err != nil {
				return err
			}
		}
	}
	for _, d := range now {
		if !slices.Contains(before, d) {
			if err := show(out, "+ ", d); err != nil {
				return err
			}
		}
	}
	return nil
}

// show writes one device: its node, its name, its settings, what it can do, and
// its faults.
func show(out io.Writer, mark string, d hotplug.Device) error {
	_, err := fmt.Fprintf(out, "%s%-9s %-18s %s\n", mark, d.Class, d.Node, cmp.Or(d.Name, "-"))
	if err != nil || mark == "- " {
		return err
	}
	f := FactsOf(d)
	lines := []string{f.Setting + f.hint(), f.Can.ZH + f.Can.EN}
	for _, w := range f.Wrong {
		lines = append(lines, w.ZH+w.EN)
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(out, "          "+line); err != nil {
			return err
		}
	}
	return nil
}

// Said is a sentence in both languages.
type Said struct{ ZH, EN string }

// Facts are what an installer wants to know of a device that is plugged in.
type Facts struct {
	Setting string // what to write into the settings for it
	Hint    Said   // what its name may tell, or nothing
	Can     Said   // what a till can do with it, as far as its driver tells
	Wrong   []Said // what keeps this user from it, and which program has it
}

func (f Facts) hint() string {
	if f.Hint == (Said{}) {
		return ""
	}
	return fmt.Sprintf("  (%s / %s)", f.Hint.ZH, f.Hint.EN)
}

// FactsOf looks at a device without opening it: that resets some boards, and
// takes a printer from its till (dev 6.1).
func FactsOf(d hotplug.Device) Facts {
	place := fmt.Sprintf("usb = %q", d.Key())
	if d.Vendor == "" {
		place = fmt.Sprintf("path = %q", d.Node)
	}
	f := Facts{Wrong: wrong(d)}
	switch d.Class {
	case hotplug.Keyboard:
		f.Setting, f.Hint = "[[scanners]] kind = \"hid\"  "+place, hint(d)
		f.Can = Said{"可扫码，但不能传 GS1 分隔符。", "Scans, without the separators of GS1 codes."}
	case hotplug.Printer:
		f.Setting = fmt.Sprintf("[printer] kind = \"usb\"  address = %q", d.Node)
		f.Can = Said{"可打印，能报缺纸；其余请用 jifen devices test-print 试。", "Prints and tells the end of its paper; test-print tells the rest."}
		if d.Says != "" {
			f.Hint = Said{"自称 " + d.Says, "it says that it is: " + d.Says}
		}
	default:
		f.Setting = "[[scanners]] kind = \"serial\"  " + place
		f.Can = Said{"可扫码；串口也可接打印机（[printer] kind = \"serial\"）或顾客显示屏（[display]）。", "Scans; or it is a printer's line, or a customer display's."}
	}
	return f
}

// hint says whether a keyboard calls itself a scanner. It is only said: nothing is
// ever grabbed by its name (dev 6.4).
func hint(d hotplug.Device) Said {
	name := strings.ToLower(d.Name)
	for _, word := range []string{"barcode", "bar code", "scanner", "reader"} {
		if strings.Contains(name, word) {
			return Said{"看名称像扫码枪", "calls itself a scanner"}
		}
	}
	return Said{"也可能是普通键盘", "may be a keyboard that people type on"}
}

// groups are whose members may use a device.
var groups = map[hotplug.Class]string{hotplug.Serial: "dialout", hotplug.Keyboard: "input", hotplug.Printer: "lp"}

func wrong(d hotplug.Device) (said []Said) {
	switch err := unix.Access(d.Node, unix.R_OK|unix.W_OK); {
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		g := groups[d.Class]
		said = append(said, Said{fmt.Sprintf("没有权限：请把运行 jifend 的用户加入 %s 组。", g), fmt.Sprintf("No permission: add the user that runs jifend to the group %s.", g)})
	case errors.Is(err, unix.ENOENT):
		said = append(said, Said{"设备节点不存在。", "Its node is not there."})
	case err != nil:
		said = append(said, Said{"无法使用。", fmt.Sprintf("It cannot be used: %v", err)})
	}
	if program := holder("/proc", d.Node); program != "" {
		said = append(said, Said{fmt.Sprintf("正由 %s 使用。", program), fmt.Sprintf("%s has it open.", program)})
	}
	return said
}

// holder names a program that has a node open, as far as this user may see, or "".
func holder(proc, node string) string {
	open, err := filepath.Glob(filepath.Join(proc, "[0-9]*", "fd", "*"))
	if err != nil {
		return ""
	}
	for _, fd := range open {
		if to, err := os.Readlink(fd); err != nil || to != node {
			continue
		}
		process := filepath.Dir(filepath.Dir(fd))
		if name, err := os.ReadFile(filepath.Join(process, "comm")); err == nil {
			return fmt.Sprintf("%s (%s)", strings.TrimSpace(string(name)), filepath.Base(process))
		}
	}
	return ""
}
