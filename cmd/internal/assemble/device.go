package assemble

import (
	"fmt"

	"github.com/jifen-pos/jifen/cmd/internal/counter"
	"github.com/jifen-pos/jifen/cmd/internal/devicetool"
	"github.com/jifen-pos/jifen/cmd/internal/scanners"
	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/hotplug"
	"github.com/jifen-pos/jifen/devices/printport"
	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/devices/virtual"
	"github.com/jifen-pos/jifen/terminal/cashier"
	"github.com/jifen-pos/jifen/terminal/words"
)

// buildDevices opens the configured devices, or virtual ones where none are.
func (t *Terminal) buildDevices(cfg config.Terminal, w World, data string) error {
	list := cfg.Scanners
	if len(list) == 0 {
		list = []config.Scanner{{Name: "scanner", Kind: config.ScannerVirtual}}
	}
	for _, s := range list {
		if s.Kind == config.ScannerVirtual {
			if err := t.virtualScanner(&s, data); err != nil {
				return err
			}
		}
		t.names = append(t.names, s.Name)
		t.sources = append(t.sources, scanners.New(s, scanners.Options{
			Log: w.Log.With("part", "scanner"), Changed: t.hub.Changed, Mono: t.mono,
		}))
	}
	t.watch = hotplug.NewWatch(hotplug.Bus{}, t.plugged, w.Log.With("part", "hotplug"))
	var err error
	if t.customer, err = counter.NewCustomer(t.till, cfg.Display, w.Log.With("part", "display")); err != nil {
		return err
	}
	return t.buildPrinter(cfg.Printer, w, data)
}

// virtualScanner makes a serial line that a program types on; the terminal
// reads it as it reads any serial scanner.
func (t *Terminal) virtualScanner(s *config.Scanner, data string) error {
	if t.scanner != nil {
		return fmt.Errorf("scanner %q: only one scanner can be virtual", s.Name)
	}
	dir, err := folder(data, devicesFolder)
	if err != nil {
		return err
	}
	if t.scanner, err = virtual.NewScanner(dir); err != nil {
		return fmt.Errorf("virtual scanner: %w", err)
	}
	s.Path = t.scanner.Path()
	return nil
}

func (t *Terminal) buildPrinter(p config.Printer, w World, data string) error {
	var err error
	if t.model, err = devicetool.ModelOf(p.Profile); err != nil {
		return err
	}
	profile := t.model.Profile
	t.drawerOpen = p.DrawerOpen
	profile.Drawer = map[string]escpos.Pin{config.DrawerPin2: escpos.Pin2, config.DrawerPin5: escpos.Pin5}[p.Drawer]
	o := printport.Options{Kind: printport.Kind(p.Kind), Address: p.Address, Baud: p.Baud, Flow: p.Flow, Profile: profile, Torn: t.till.Torn(), Log: w.Log.With("part", "printer")}
	switch p.Kind {
	case config.PrinterNone:
		return nil
	case config.PrinterVirtual:
		dir, err := folder(data, papersFolder)
		if err != nil {
			return err
		}
		t.printer, err = virtual.NewPrinter(virtual.PrinterOptions{
			Dir: dir, Dots: profile.Dots, Log: w.Log.With("part", "virtual printer"), OnPaper: func(virtual.PaperInfo) { t.hub.Changed() },
		})
		if err != nil {
			return fmt.Errorf("virtual printer: %w", err)
		}
		o.Kind, o.Address = printport.TCP, t.printer.Addr()
	}
	port, err := printport.New(o)
	if err != nil {
		return err
	}
	t.print = counter.NewPrinting(t.till, port, profile, t.hub.Changed, w.Log.With("part", "printing"))
	return nil
}

// Devices tells the cashier how the devices of a lane are.
func (t *Terminal) Devices(lane uint32) []cashier.DeviceView {
	if lane == 0 || int(lane) > len(t.sources) {
		return t.shared()
	}
	return append([]cashier.DeviceView{t.scannerView(lane)}, t.shared()...)
}

func (t *Terminal) scannerView(lane uint32) cashier.DeviceView {
	s := t.sources[lane-1].Status()
	return cashier.DeviceView{Kind: "scanner", Name: t.names[lane-1], OK: s.State == scan.Ready, ZH: s.Sentence.ZH, EN: s.Sentence.EN}
}

// shared are the devices that serve all lanes, and the ledger.
func (t *Terminal) shared() (list []cashier.DeviceView) {
	if t.print != nil {
		ok, zh, en := t.print.View()
		list = append(list, cashier.DeviceView{Kind: "printer", Name: "printer", OK: ok, ZH: zh, EN: en})
		if told, open := t.print.Drawer(t.drawerOpen); told {
			word := map[bool]string{true: "drawer-open", false: "drawer-shut"}[open]
			list = append(list, cashier.DeviceView{Kind: "drawer", Name: "drawer", OK: true, ZH: words.In("zh", word), EN: words.In("en", word)})
		}
	}
	if t.customer != nil {
		ok, zh, en := t.customer.Status()
		list = append(list, cashier.DeviceView{Kind: "display", Name: "display", OK: ok, ZH: zh, EN: en})
	}
	if told, zh, en := t.up.refused.View(t.zone); told {
		list = append(list, cashier.DeviceView{Kind: "line", Name: "line", ZH: zh, EN: en})
	}
	zh, ok := t.keeper.Result().Say("zh")
	en, _ := t.keeper.Result().Say("en")
	return append(list, cashier.DeviceView{Kind: "ledger", Name: "ledger", OK: ok, ZH: zh, EN: en})
}

// papers shows the virtual printer's papers, newest first.
type papers struct{ printer *virtual.Printer }

func (p papers) Picture(name string) ([]byte, error) { return p.printer.Picture(name) }

func (p papers) List() []cashier.PaperView {
	all := p.printer.Papers()
	list := make([]cashier.PaperView, 0, len(all))
	for i := len(all) - 1; i >= 0; i-- {
		list = append(list, cashier.PaperView{Name: all[i].Name, Title: all[i].Name, Made: all[i].Time})
	}
	return list
}

// plugged tells those who wait for a device that one has come or gone.
func (t *Terminal) plugged() {
	for _, s := range t.sources {
		scanners.Wake(s)
	}
	if t.print != nil {
		t.print.Wake()
	}
	t.hub.Changed()
}
