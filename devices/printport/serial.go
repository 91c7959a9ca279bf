package printport

import (
	"context"
	"syscall"

	"github.com/jifen-pos/jifen/devices/tty"
)

func openSerial(_ context.Context, o Options) (link, error) {
	file, err := tty.Open(o.Address, o.Baud, tty.Flow(o.Flow))
	if err != nil {
		return nil, err
	}
	return file, nil
}

// discard throws away what a serial line has not sent yet, so that closing it
// does not wait for a printer that takes nothing.
func discard(l link) {
	if file, ok := l.(syscall.Conn); ok {
		tty.Discard(file)
	}
}
