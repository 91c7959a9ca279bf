package devicetool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jifen-pos/jifen/devices/evdevscan"
	"github.com/jifen-pos/jifen/devices/hotplug"
	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/devices/serialscan"
)

// Here is this machine.
func Here() hotplug.Bus { return hotplug.Bus{} }

// ScanOptions say which scanner is tried, and how.
type ScanOptions struct {
	Device string // a node, a link, or what the settings call usb
	Baud   int
	Setup
}

// Scan reads one scanner until ctx ends and writes one line of JSON for each scan,
// and to notes how the scanner stands. A till that runs has to let go of the
// scanner first: it says so.
func Scan(ctx context.Context, bus hotplug.Bus, o ScanOptions, out, notes io.Writer) error {
	class, find, err := which(bus, o.Device)
	if err != nil {
		return err
	}
	framer, err := o.framer()
	if err != nil {
		return err
	}
	type source interface {
		Run(context.Context, func(scan.Event)) error
		Status() scan.Status
	}
	var s source
	changed := func() {
		if s != nil {
			st := s.Status()
			fmt.Fprintf(notes, "%s\n%s\n", st.Sentence.ZH, st.Sentence.EN)
		}
	}
	if class == hotplug.Keyboard {
		s = evdevscan.New(evdevscan.Options{Name: "scan", Path: o.Device, Find: find, Framer: framer, Changed: changed})
	} else {
		s = serialscan.New(serialscan.Options{Name: "scan", Path: o.Device, Find: find, Baud: o.Baud, Framer: framer, Changed: changed})
	}
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	return s.Run(ctx, func(e scan.Event) {
		if err := lines.Encode(Report(e, o.Shop)); err != nil {
			fmt.Fprintln(notes, err)
		}
	})
}

// which finds out what a device is: by its key, or by the name of its node.
func which(bus hotplug.Bus, device string) (hotplug.Class, func() (string, error), error) {
	if strings.HasPrefix(device, "/") {
		if strings.Contains(device, "/input/") {
			return hotplug.Keyboard, nil, nil
		}
		return hotplug.Serial, nil, nil
	}
	if !hotplug.ValidKey(device) {
		return 0, nil, fmt.Errorf("%q is neither a path nor vendor:product, with :serial or @socket behind it; jifen devices lists what is there", device)
	}
	for _, class := range []hotplug.Class{hotplug.Serial, hotplug.Keyboard} {
		d, err := bus.Find(class, device)
		if errors.Is(err, hotplug.ErrSeveral) {
			return 0, nil, fmt.Errorf("%s: name one of them with its serial number or its socket, as jifen devices lists them: %w", device, err)
		}
		if err == nil {
			node := d.Node
			return class, func() (string, error) { // plugged in again it may be another
				if d, err := bus.Find(class, device); err == nil {
					node = d.Node
				}
				return node, nil
			}, nil
		}
	}
	return 0, nil, fmt.Errorf("no scanner %s is plugged in; jifen devices lists what is there", device)
}
