package config

import (
	"path/filepath"
	"slices"
)

// Kinds of printer.
const (
	PrinterVirtual = "virtual"
	PrinterTCP     = "tcp"
	PrinterSerial  = "serial"
	PrinterUSB     = "usb"
	PrinterNone    = "none"
)

// Where the cash drawer is wired. A person says so: no printer can tell.
const (
	DrawerNone = "none"
	DrawerPin2 = "pin2"
	DrawerPin5 = "pin5"
)

// The level of the drawer's sense pin when the drawer is open.
const (
	DrawerLevelUnknown = ""
	DrawerLevelHigh    = "high"
	DrawerLevelLow     = "low"
)

// Flow control of a serial printer.
const (
	FlowNone    = ""
	FlowRTSCTS  = "rtscts"
	FlowXonXoff = "xonxoff"
)

// PrinterModels are the models that come with Jifen.
var PrinterModels = []string{"epson-tm-t20ii", "epson-tm-t88", "generic58", "generic80", "pos-5890", "xprinter-80"}

// Printer is the receipt printer.
type Printer struct {
	Kind    string `toml:"kind"`    // one of the kinds above
	Address string `toml:"address"` // host:port, or the path of the device
	Baud    int    `toml:"baud"`    // bits per second; of a serial printer only
	Flow    string `toml:"flow"`    // who holds whom back; of a serial printer only
	Profile string `toml:"profile"` // one of PrinterModels, or the full path of the file of another one
	Drawer  string `toml:"drawer"`

	DrawerOpen string `toml:"drawer_open"` // the level of its sense pin when it is open; "" where nobody has tried

	Language string `toml:"language"` // of what is printed
}

func (p Printer) check(log *findings) {
	checkOneOf(log, "printer.kind", p.Kind, PrinterVirtual, PrinterTCP, PrinterSerial, PrinterUSB, PrinterNone)
	checkModel(log, "printer.profile", p.Profile)
	checkOneOf(log, "printer.drawer", p.Drawer, DrawerNone, DrawerPin2, DrawerPin5)
	checkOneOf(log, "printer.drawer_open", p.DrawerOpen, DrawerLevelUnknown, DrawerLevelHigh, DrawerLevelLow)
	checkOneOf(log, "printer.language", p.Language, "zh", "en")
	checkOneOf(log, "printer.flow", p.Flow, FlowNone, FlowRTSCTS, FlowXonXoff)
	switch p.Kind {
	case PrinterTCP:
		checkAddress(log, "printer.address", p.Address, portNamed)
	case PrinterSerial:
		checkDevice(log, "printer.address", p.Address)
		checkBaud(log, "printer.baud", p.Baud)
	case PrinterUSB:
		checkDevice(log, "printer.address", p.Address)
	}
}

func checkModel(log *findings, key, name string) {
	if filepath.IsAbs(name) && filepath.Ext(name) == ".toml" || slices.Contains(PrinterModels, name) {
		return
	}
	log.add(key, "must be %s, or the full path of a model's file that ends in .toml", quoteList(PrinterModels))
}

// Kinds of customer display.
const (
	DisplayNone   = "none"
	DisplayCD5220 = "cd5220"
	DisplayESCPOS = "escpos"
)

// Display is the customer's line display on the counter.
type Display struct {
	Kind    string `toml:"kind"`    // what it understands
	Path    string `toml:"path"`    // of the serial device
	Baud    int    `toml:"baud"`    // bits per second
	Chinese bool   `toml:"chinese"` // it shows Chinese (GBK); else plain Latin letters
}

func (d Display) check(log *findings) {
	checkOneOf(log, "display.kind", d.Kind, DisplayNone, DisplayCD5220, DisplayESCPOS)
	if d.Kind == DisplayCD5220 || d.Kind == DisplayESCPOS {
		checkDevice(log, "display.path", d.Path)
		checkBaud(log, "display.baud", d.Baud)
	}
}
