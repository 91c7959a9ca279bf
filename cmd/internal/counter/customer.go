package counter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/devices/linedisplay"
	"github.com/jifen-pos/jifen/devices/printport"
	"github.com/jifen-pos/jifen/terminal/till"
)

// ErrNoPrinter says that a terminal has no printer that could be tried.
var ErrNoPrinter = errors.New("the settings name no printer of their own")

// PrinterOf tells how the printer of the terminal with these settings is
// reached, and its model.
func PrinterOf(settings string) (o printport.Options, model string, err error) {
	cfg, err := config.LoadTerminal(settings)
	if err != nil {
		return o, "", err
	}
	p := cfg.Printer
	if p.Kind == config.PrinterNone || p.Kind == config.PrinterVirtual {
		return o, "", fmt.Errorf("%s: printer.kind is %q: %w", settings, p.Kind, ErrNoPrinter)
	}
	return printport.Options{Kind: printport.Kind(p.Kind), Address: p.Address, Baud: p.Baud, Flow: p.Flow}, p.Profile, nil
}

// Customer is the line display of the first lane.
type Customer struct {
	*linedisplay.Display
	till *till.Till
	wake chan struct{}
}

// NewCustomer makes the line display of the settings, nil for none. Nothing is
// started.
func NewCustomer(t *till.Till, d config.Display, log *slog.Logger) (*Customer, error) {
	if d.Kind == config.DisplayNone {
		return nil, nil
	}
	display, err := linedisplay.New(linedisplay.Options{
		Path: d.Path, Baud: d.Baud, Protocol: linedisplay.Protocol(d.Kind), GBK: d.Chinese, Log: log,
	})
	return &Customer{Display: display, till: t, wake: make(chan struct{}, 1)}, err
}

// Wake tells that the sale has changed.
func (c *Customer) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Follow shows the customer how the sale is, at every change, until ctx ends.
func (c *Customer) Follow(ctx context.Context) error {
	for {
		if v, err := c.till.View(1); err == nil {
			c.Show(Shown(v))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.wake:
		}
	}
}
