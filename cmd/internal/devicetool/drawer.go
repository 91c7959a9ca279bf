package devicetool

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jifen-pos/jifen/devices/printport"
)

// Errors of Drawer.
var (
	ErrNoSense     = errors.New("the printer does not tell the drawer's level")
	ErrSameLevel   = errors.New("the level is the same open and shut: the drawer has no sense wire, or it is not connected")
	ErrNobodyThere = errors.New("nobody answered")
)

// Drawer finds out, with a person at the drawer, which level of the sense pin is
// an open one (dev 10.3), and says what to write into the settings. It never
// pulses: the person opens it by hand (dev 10.4).
func Drawer(ctx context.Context, o printport.Options, in io.Reader, out io.Writer) error {
	port, err := printport.New(o)
	if err != nil {
		return err
	}
	defer func() { _ = port.Close() }()
	lines := bufio.NewScanner(in)
	level := func(zh, en string) (printport.Drawer, error) {
		if _, err := fmt.Fprintf(out, "%s\n%s\n", zh, en); err != nil {
			return 0, fmt.Errorf("ask: %w", err)
		}
		if !lines.Scan() {
			return 0, errors.Join(ErrNobodyThere, lines.Err())
		}
		status, err := port.Probe(ctx)
		if err == nil && status.Drawer == printport.DrawerUnknown {
			err = ErrNoSense
		}
		return status.Drawer, err
	}
	shut, err := level("请关好钱箱，然后按回车。", "Shut the drawer, then press Enter.")
	if err != nil {
		return err
	}
	open, err := level("请用钥匙打开钱箱，然后按回车。", "Open the drawer with its key, then press Enter.")
	if err != nil {
		return err
	}
	if open == shut {
		return ErrSameLevel
	}
	word := map[printport.Drawer]string{printport.DrawerHigh: "high", printport.DrawerLow: "low"}[open]
	_, err = fmt.Fprintf(out, "请写入设置 Write into the settings:\n[printer]\ndrawer_open = %q\n", word)
	return err
}
