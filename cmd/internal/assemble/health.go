package assemble

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/counter"
	"github.com/jifen-pos/jifen/cmd/internal/devicetool"
	"github.com/jifen-pos/jifen/cmd/internal/scanners"
	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/devices/hotplug"
	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/terminal/cashier"
	"github.com/jifen-pos/jifen/terminal/health"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/webui"
	"github.com/jifen-pos/jifen/terminal/words"
)

// Of the health page.
const (
	scansShown  = 8
	pluggedKept = 4 * time.Second // before the bus is looked at again
)

// fitting is what the health page shows beside the terminal's own state.
type fitting struct {
	bus      hotplug.Bus
	shop     *barcode.Shop
	software string
	now      func() time.Time

	mu      sync.Mutex
	scans   []health.Scan // newest first
	plugged []health.Plugged
	looked  time.Time
}

// scanned keeps a scan for the health page, as devicetool tells it: a code that
// names a person or is money is not kept in full.
func (f *fitting) scanned(lane uint32, e scan.Event, late bool) {
	r := devicetool.Report(e, f.shop)
	s := health.Scan{
		At: f.now(), Lane: lane, AIM: r.AIM, Text: cmp.Or(r.Text, r.GTIN), Repeat: r.Repeat, Refused: programme.Text{ZH: r.ZH, EN: r.EN},
	}
	if r.Kind != "" {
		s.Kind = both("code-" + r.Kind)
	}
	if late {
		s.Refused = both("health-late")
	}
	if r.Fen != nil {
		s.Parts = append(s.Parts, fmt.Sprintf("￥%d.%02d", *r.Fen/100, *r.Fen%100))
	}
	if r.Milligrams > 0 {
		s.Parts = append(s.Parts, fmt.Sprintf("%d g", r.Milligrams/1000))
	}
	for _, e := range r.Elements {
		s.Parts = append(s.Parts, fmt.Sprintf("(%s) %s", e.AI, e.Value))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.scans = slices.Insert(f.scans, 0, s)
	f.scans = f.scans[:min(len(f.scans), scansShown)]
}

// onBus looks at what is plugged in, at most every few seconds.
func (f *fitting) onBus() []health.Plugged {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := f.now(); f.looked.IsZero() || now.Sub(f.looked).Abs() > pluggedKept {
		f.looked, f.plugged = now, nil
		for _, d := range f.bus.Devices() {
			facts := devicetool.FactsOf(d)
			p := health.Plugged{
				Class: d.Class.String(), Node: d.Node, Name: cmp.Or(d.Name, d.Node), Setting: facts.Setting,
				Hint: programme.Text(facts.Hint), Can: programme.Text(facts.Can),
			}
			for _, w := range facts.Wrong {
				p.Wrong = append(p.Wrong, programme.Text(w))
			}
			f.plugged = append(f.plugged, p)
		}
	}
	return f.plugged
}

// health is how the terminal is, for its health page.
func (t *Terminal) health() (health.Facts, error) {
	v, err := t.till.View(1)
	if err != nil {
		return health.Facts{}, err
	}
	f := health.Facts{
		Terminal: v.Terminal.String(), Store: v.Store, Software: t.fitting.software, Online: v.Ledger.Online, Backlog: v.Ledger.Backlog,
		Oldest: v.Ledger.Oldest.In(t.zone), Clock: v.Clock, Printer: t.print != nil, Plugged: t.fitting.onBus(),
	}
	for lane := range uint32(len(t.sources)) {
		f.Devices = append(f.Devices, told(lane+1, t.scannerView(lane+1)))
	}
	for _, d := range t.shared() {
		f.Devices = append(f.Devices, told(0, d))
	}
	if t.print != nil {
		tried := t.print.Tried()
		f.Trial = health.Trial{Running: tried.Running, OK: tried.OK, Says: programme.Text{ZH: tried.ZH, EN: tried.EN}}
	}
	t.fitting.mu.Lock()
	defer t.fitting.mu.Unlock()
	f.Scans = slices.Clone(t.fitting.scans)
	return f, nil
}

func told(lane uint32, d cashier.DeviceView) health.Device {
	return health.Device{Lane: lane, Kind: d.Kind, Name: d.Name, OK: d.OK, Says: programme.Text{ZH: d.ZH, EN: d.EN}}
}

// testPrint begins to print a test page.
func (t *Terminal) testPrint(by webui.Person) error {
	if t.print == nil {
		return &webui.Fault{Status: http.StatusUnprocessableEntity, Code: "health-no-printer"}
	}
	err := t.print.Try(devicetool.TestToken, devicetool.TestPage(t.print.Profile(), t.model))
	if errors.Is(err, counter.ErrTrying) {
		return &webui.Fault{Status: http.StatusConflict, Code: "health-busy"}
	}
	t.log.Info("test page", "by", by.ID)
	t.hub.Changed()
	return err
}

// scanned hands a scan to the lane on which its scanner stands.
func (t *Terminal) scanned(lane uint32, e scan.Event) {
	late := t.mono()-e.At > scanners.Stale
	t.fitting.scanned(lane, e, late) // before what wakes the screens
	t.take(lane, e, late)
}

func both(code string) programme.Text {
	return programme.Text{ZH: words.In("zh", code), EN: words.In("en", code)}
}
