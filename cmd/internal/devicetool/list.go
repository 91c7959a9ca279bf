package devicetool

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

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

// show writes one device: its node, its settings, its name, and its faults.
func show(out io.Writer, mark string, d hotplug.Device) error {
	name := d.Name
	if name == "" {
		name = "-"
	}
	_, err := fmt.Fprintf(out, "%s%-9s %-18s %s\n", mark, d.Class, d.Node, name)
	if err != nil || mark == "- " {
		return err
	}
	for _, line := range append([]string{setting(d)}, wrong(d)...) {
		if _, err := fmt.Fprintln(out, "          "+line); err != nil {
			return err
		}
	}
	return nil
}

// setting is what to write into the settings for a device.
func setting(d hotplug.Device) string {
	place := fmt.Sprintf("usb = %q", d.Key())
	if d.Vendor == "" {
		place = fmt.Sprintf("path = %q", d.Node)
	}
	switch d.Class {
	case hotplug.Keyboard:
		return "[[scanners]] kind = \"hid\"  " + place + hint(d)
	case hotplug.Printer:
		return fmt.Sprintf("[printer] kind = \"usb\"  address = %q", d.Node)
	}
	return "[[scanners]] kind = \"serial\"  " + place
}

// hint says whether a keyboard calls itself a scanner. It is only said: nothing is
// ever grabbed by its name (dev 6.4).
func hint(d hotplug.Device) string {
	name := strings.ToLower(d.Name)
	for _, word := range []string{"barcode", "bar code", "scanner", "reader"} {
		if strings.Contains(name, word) {
			return "  (看名称像扫码枪 / calls itself a scanner)"
		}
	}
	return "  (也可能是普通键盘 / may be a keyboard that people type on)"
}

// wrong says what keeps this user from the device.
func wrong(d hotplug.Device) []string {
	groups := map[hotplug.Class]string{hotplug.Serial: "dialout", hotplug.Keyboard: "input", hotplug.Printer: "lp"}
	f, err := os.OpenFile(d.Node, os.O_RDONLY|openQuietly, 0)
	switch {
	case err == nil:
		_ = f.Close()
		return nil
	case os.IsPermission(err):
		g := groups[d.Class]
		return []string{fmt.Sprintf("没有权限：请把运行 jifend 的用户加入 %s 组。No permission: add the user that runs jifend to the group %s.", g, g)}
	case os.IsNotExist(err):
		return []string{"设备节点不存在。Its node is not there."}
	}
	return []string{fmt.Sprintf("无法打开，可能正被其他程序使用。It cannot be opened, maybe another program has it: %v", err)}
}
