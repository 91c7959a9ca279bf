package escpos

import (
	"errors"
	"fmt"
)

// ErrToken is returned for a fence token that is not four printable ASCII characters.
var ErrToken = errors.New("fence token is not four printable ASCII characters")

// TokenLen is the length of a fence token.
const TokenLen = 4

// statusOn switches the status that a printer sends by itself on, for drawer,
// online, error and paper; the printer answers at once with its present state.
var statusOn = []byte{gs, 'a', 0x0F}

// Hello returns the bytes that open a talk: init, then status on.
func Hello() []byte { return append([]byte{esc, '@'}, statusOn...) }

// Resync returns the bytes that bring a printer back into step that may stand
// in the middle of a picture: as many NUL as one band can lack (dev 1.8).
func Resync() []byte { return make([]byte, maxBandBytes) }

// Ask returns the real-time question n, AskOffline or AskPaper. It overtakes
// what is printing, so its answer never proves that something was printed (dev 4.3).
func Ask(n int) []byte { return []byte{dle, 0x04, byte(n)} }

// AskQueued returns the queued question n. It waits its turn behind what is
// printing, and is not answered at all while the printer is offline (dev 1.6).
func AskQueued(n int) []byte { return []byte{gs, 'r', byte(n)} }

// Fence returns the command that makes the printer echo the token when all
// before it is printed.
func Fence(token string) ([]byte, error) {
	if len(token) != TokenLen {
		return nil, fmt.Errorf("token of %d bytes: %w", len(token), ErrToken)
	}
	for i := range len(token) {
		if token[i] < 0x20 || token[i] > 0x7E {
			return nil, ErrToken
		}
	}
	return append([]byte{gs, '(', 'H', 6, 0, '0', '0'}, token...), nil
}
