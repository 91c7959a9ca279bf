package exchange

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// ErrPanic says that HQ broke over a message: its own fault, of which nothing is left
// in the book. The others' messages go on; the same one again is kept aside.
var ErrPanic = errors.New("HQ broke over it")

// triesMax is how often in a row HQ breaks over a terminal's messages of one kind
// before they are kept aside and somebody is told.
const triesMax = 3

// poison is a denial: the terminal waits a while before it tries again.
const poison = "denied-poison"

// kindOf is a terminal's messages of one kind.
type kindOf struct {
	from ledger.TerminalID
	kind wire.Kind
}

// contained does something and turns a panic into an error.
func (h *HQ) contained(take func() error) (err error) {
	defer func() {
		if why := recover(); why != nil {
			if err = fmt.Errorf("%w: %v", ErrPanic, why); h.o.Broke != nil {
				h.o.Broke(why)
			}
		}
	}()
	return take()
}

// broke counts that HQ broke over a message, and in the end keeps it aside.
func (h *HQ) broke(of kindOf, raw []byte) {
	h.breaks[of]++
	if h.breaks[of] < triesMax {
		return
	}
	h.o.Office.Refused(of.from, raw, fmt.Errorf("message of kind %d: %w", of.kind, ErrPanic))
	if of.kind == wire.KindBatch { // what comes after it waits for it
		h.say(of.from, &wire.Denied{Code: poison})
	}
}
