package config

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/devices/scan"
)

// Limits of the scanners.
const (
	ScannersMax   = 8 // scanners of one terminal
	millisMax     = 10_000
	repeatMax     = 3_000
	noReadsMax    = 8
	noReadByteMax = 16
)

// Kinds of scanner.
const (
	ScannerSerial  = "serial"
	ScannerHID     = "hid"
	ScannerTCP     = "tcp"
	ScannerStdin   = "stdin"
	ScannerVirtual = "virtual"
)

// Scanner is one barcode scanner, or another program that sends scans.
type Scanner struct {
	Name         string   `toml:"name"`
	Kind         string   `toml:"kind"`           // one of the kinds above
	Path         string   `toml:"path"`           // the device of a serial or hid scanner; for a virtual one, where its link is put, if anywhere
	USB          string   `toml:"usb"`            // instead of a path: vendor:product, with :serial or @socket behind it
	Listen       string   `toml:"listen"`         // host:port of a tcp one
	LAN          bool     `toml:"lan"`            // true: Listen need not be a loopback address
	Baud         int      `toml:"baud"`           // bits per second; of a serial scanner only
	AIM          string   `toml:"aim"`            // auto, on or off: whether scans begin with a symbology identifier
	STX          bool     `toml:"stx"`            // scans begin with STX
	GS           string   `toml:"gs"`             // what a hid scanner types for the separator of GS1 data; one character
	SilenceMS    int      `toml:"silence_ms"`     // ends a scan of a scanner without suffix; 0 is never
	PartialMS    int      `toml:"partial_ms"`     // silence after which half a scan is given up
	RepeatMS     int      `toml:"repeat_ms"`      // how soon the same goods are one scan; -1 is never
	RepeatOnceMS int      `toml:"repeat_once_ms"` // the same for members and vouchers
	MaxFrame     int      `toml:"max_frame"`      // longest scan in bytes
	NoRead       []string `toml:"no_read"`        // what it sends when it could not read
}

// Codes says which codes of goods are taken beside the usual.
type Codes struct {
	Cartons bool `toml:"cartons"` // by Interleaved 2 of 5, of 14 digits
}

// InStore is one layout of the codes that the shop's own scales print.
type InStore struct {
	Form   string `toml:"form"`   // a picture, such as 21IIIIIPPPPPC
	Check  string `toml:"check"`  // right, left or off
	Price  string `toml:"price"`  // what the price digits count: fen, jiao or yuan
	Weight string `toml:"weight"` // what the weight digits count: g, 10g, jin/1000 or jin/100
}

// Words of the layouts.
var (
	checkRules  = map[string]barcode.CheckRule{"right": barcode.CheckRight, "left": barcode.CheckLeft, "off": barcode.CheckOff}
	priceUnits  = map[string]int{"fen": 2, "jiao": 1, "yuan": 0}
	weightUnits = map[string]struct {
		unit     barcode.WeightUnit
		decimals int
	}{"g": {barcode.Kilogram, 3}, "10g": {barcode.Kilogram, 2}, "jin/1000": {barcode.Jin, 3}, "jin/100": {barcode.Jin, 2}}
	usbForm = regexp.MustCompile(`^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}([:@].{1,64})?$`)
)

// complete fills in what is usual.
func (s *Scanner) complete() {
	if s.Kind == ScannerSerial && s.Baud == 0 {
		s.Baud = baudUsual
	}
	s.AIM = cmp.Or(s.AIM, "auto")
	s.PartialMS = cmp.Or(s.PartialMS, int(scan.DefaultPartial/time.Millisecond))
	s.RepeatMS = cmp.Or(s.RepeatMS, int(scan.DefaultRepeat/time.Millisecond))
	s.RepeatOnceMS = cmp.Or(s.RepeatOnceMS, int(scan.DefaultRepeatOnce/time.Millisecond))
	s.MaxFrame = cmp.Or(s.MaxFrame, scan.DefaultMaxFrame)
	if s.NoRead == nil {
		s.NoRead = []string{"NR", "NOREAD"}
	}
}

// complete fills in what is usual.
func (l *InStore) complete() {
	l.Check, l.Price, l.Weight = cmp.Or(l.Check, "right"), cmp.Or(l.Price, "fen"), cmp.Or(l.Weight, "g")
}

// Framer gives how the scanner ends its scans.
func (s Scanner) Framer() scan.Options {
	millis := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	modes := map[string]scan.AIMMode{"auto": scan.AIMAuto, "on": scan.AIMOn, "off": scan.AIMOff}
	return scan.Options{
		MaxFrame: s.MaxFrame, Partial: millis(s.PartialMS), Repeat: millis(s.RepeatMS), RepeatOnce: millis(s.RepeatOnceMS),
		Idle: millis(s.SilenceMS), STX: s.STX, AIM: modes[s.AIM], NoRead: s.NoRead,
	}
}

// Shop gives the codes of the shop for the reader of codes.
func (t Terminal) Shop() (*barcode.Shop, error) {
	return barcode.NewShop(shopOptions(t.Codes, t.InStore))
}

func shopOptions(c Codes, layouts []InStore) barcode.Options {
	o := barcode.Options{ITF14: c.Cartons}
	for _, l := range layouts {
		layout := barcode.UsualLayout(l.Form)
		layout.Check = checkRules[l.Check]
		if n, ok := priceUnits[l.Price]; ok {
			layout.PriceDecimals = n
		}
		if w, ok := weightUnits[l.Weight]; ok {
			layout.Unit, layout.WeightDecimals = w.unit, w.decimals
		}
		o.InStore = append(o.InStore, layout)
	}
	return o
}

func checkInStore(log *findings, c Codes, layouts []InStore) {
	for i, l := range layouts {
		key := fmt.Sprintf("in_store[%d]", i+1)
		checkOneOf(log, key+".check", l.Check, "right", "left", "off")
		checkOneOf(log, key+".price", l.Price, "fen", "jiao", "yuan")
		checkOneOf(log, key+".weight", l.Weight, "g", "10g", "jin/1000", "jin/100")
	}
	var fault *barcode.LayoutError
	if _, err := barcode.NewShop(shopOptions(c, layouts)); errors.As(err, &fault) {
		log.add(fmt.Sprintf("in_store[%d].form", fault.N+1), "%s", fault.Why)
	}
}

func checkScanners(log *findings, scanners []Scanner) {
	if len(scanners) > ScannersMax {
		log.add("scanners", "must be at most %d", ScannersMax)
	}
	seen := unique{log: log, what: "scanner"}
	for i, s := range scanners {
		key := fmt.Sprintf("scanners[%d]", i+1)
		checkName(log, key+".name", s.Name, "the scanner, for example \"counter\"")
		seen.add(key+".name", s.Name)
		s.check(log, key)
		s.checkScans(log, key)
	}
	paths, usb := unique{log: log, what: "device"}, unique{log: log, what: "device"}
	for i, s := range scanners {
		paths.add(fmt.Sprintf("scanners[%d].path", i+1), s.Path)
		usb.add(fmt.Sprintf("scanners[%d].usb", i+1), s.USB)
	}
}

// check looks where the scanner is.
func (s Scanner) check(log *findings, key string) {
	checkOneOf(log, key+".kind", s.Kind, ScannerSerial, ScannerHID, ScannerTCP, ScannerStdin, ScannerVirtual)
	switch s.Kind {
	case ScannerSerial, ScannerHID:
		s.checkPlace(log, key)
	case ScannerTCP:
		host, ok := checkAddress(log, key+".listen", s.Listen, portAny)
		if ok && !s.LAN && !loopback(host) {
			log.add(key+".listen", "must be on 127.0.0.1, [::1] or localhost, unless lan = true: whoever reaches it can scan")
		}
	}
	if s.Kind == ScannerSerial {
		checkBaud(log, key+".baud", s.Baud)
	}
}

func (s Scanner) checkPlace(log *findings, key string) {
	switch {
	case s.USB == "":
		checkDevice(log, key+".path", s.Path)
	case s.Path != "":
		log.add(key+".usb", "must stand alone, without a path")
	case !usbForm.MatchString(s.USB):
		log.add(key+".usb", "must be vendor:product in hexadecimal, with :serial or @socket behind it where two are alike; `jifen devices` lists them")
	}
}

// checkScans looks how the scanner ends its scans.
func (s Scanner) checkScans(log *findings, key string) {
	checkOneOf(log, key+".aim", s.AIM, "auto", "on", "off")
	if len(s.GS) > 1 || s.GS != "" && (s.GS[0] <= ' ' || s.GS[0] > '~') {
		log.add(key+".gs", "must be one visible character of ASCII")
	}
	for _, n := range []struct {
		name       string
		value      int
		least, top int
	}{
		{"silence_ms", s.SilenceMS, 0, millisMax}, {"partial_ms", s.PartialMS, 0, millisMax}, {"repeat_ms", s.RepeatMS, -1, repeatMax},
		{"repeat_once_ms", s.RepeatOnceMS, -1, repeatMax}, {"max_frame", s.MaxFrame, 1, scan.LargestMaxFrame},
	} {
		if n.value < n.least || n.value > n.top {
			log.add(key+"."+n.name, "must be from %d to %d", n.least, n.top)
		}
	}
	if len(s.NoRead) > noReadsMax {
		log.add(key+".no_read", "must be at most %d texts", noReadsMax)
	}
	for _, text := range s.NoRead {
		if text == "" || len(text) > noReadByteMax {
			log.add(key+".no_read", "must be texts of 1 to %d bytes", noReadByteMax)
		}
	}
}
