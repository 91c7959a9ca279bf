package devicetool_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/devicetool"
	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/printport"
	"github.com/jifen-pos/jifen/devices/virtual"
)

// hand is a person who does what is asked before each Enter.
type hand struct {
	acts []func()
}

func (h *hand) Read(p []byte) (int, error) {
	if len(h.acts) == 0 {
		return 0, io.EOF
	}
	if do := h.acts[0]; do != nil {
		do()
	}
	h.acts = h.acts[1:]
	p[0] = '\n'
	return 1, nil
}

// TestDrawerIsLearntFromAPerson: the virtual drawer's pin is low while it is open.
func TestDrawerIsLearntFromAPerson(t *testing.T) {
	printer, err := virtual.NewPrinter(virtual.PrinterOptions{Dir: t.TempDir(), Dots: 576})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- printer.Run(ctx) }()
	defer func() { cancel(); <-done }()
	o := printport.Options{Kind: printport.TCP, Address: printer.Addr(), Profile: escpos.Generic80, Answer: 10 * time.Second}
	for name, tt := range map[string]struct {
		open func()
		want error
		says string
	}{
		"opened":          {printer.OpenDrawer, nil, "drawer_open = \"low\""},
		"nothing-happens": {nil, devicetool.ErrSameLevel, "Open the drawer with its key"},
	} {
		t.Run(name, func(t *testing.T) {
			printer.ShutDrawer()
			var out strings.Builder
			err := devicetool.Drawer(t.Context(), o, &hand{[]func(){nil, tt.open}}, &out)
			if !errors.Is(err, tt.want) || !strings.Contains(out.String(), tt.says) {
				t.Errorf("Drawer = %v and says\n%s\nwant %v and %q", err, out.String(), tt.want, tt.says)
			}
			if printer.Kicks() != 0 {
				t.Errorf("the drawer was pulsed %d times, want never", printer.Kicks())
			}
		})
	}
	if err := devicetool.Drawer(t.Context(), o, strings.NewReader(""), io.Discard); !errors.Is(err, devicetool.ErrNobodyThere) {
		t.Errorf("Drawer without anybody = %v, want ErrNobodyThere", err)
	}
}
