// Package exchange is the two ends of the reconciliation as state machines:
// messages and times go in, messages come out. An end asks its station or
// office, waits for nobody, starts no goroutine, and takes no guarantee from
// what carries its messages: they may be lost, doubled, delayed or reordered.
// What makes it right in the end is the journals, the cursors and HQ's signed
// acks.
package exchange

import (
	"errors"
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Out is a message to be carried. Sure asks for a delivery that is worth
// waiting for (QoS 1); it is pacing, never proof.
type Out struct {
	To    ledger.TerminalID // at HQ's end: to whom
	Bytes []byte
	Sure  bool
}

// Times of the exchange.
const (
	helloAgain   = 3 * time.Second  // while nobody answers
	helloDenied  = 30 * time.Second // while HQ takes nothing from this board
	resendAfter  = 5 * time.Second  // without an ack, doubled each time
	resendMost   = 60 * time.Second
	patientMost  = 10 * time.Minute // before HQ sends again what a terminal does not take in
	reportEvery  = 15 * time.Second // that HQ hears nothing of how the terminal stands
	reportMost   = 60 * time.Second // batches say less than a report
	stalledAfter = 25 * time.Second // outstanding and no answer: connect anew
	asksMax      = 64               // waiting to be sent
	pauseMost    = 10 * time.Minute // that HQ may ask for
	renewAgain   = time.Hour        // without a certificate
	wantAgain    = time.Second      // before the same is asked for, or sent, again
	fetchAgain   = 10 * time.Second // without a part of a document
)

// unknown is why nothing is taken from a board that HQ's book has not got: it enrols
// once more, as soon as it is handed a code.
const unknown = "denied-unknown"

// astrayMax is how many batches in a row may not follow on what HQ has before it
// raises an alarm: a line that loses most of them stays below it.
const astrayMax = 32

// window is how many batches may be on their way.
const window = 4

// looseMost is how many entries go without the broker's word that it has them:
// HQ's ack is the word that counts, and a few are soon sent again.
const looseMost = 8

// ErrAck says that HQ acked what was never written.
var ErrAck = errors.New("ack of what was never written")

// ErrAstray says that batches keep coming that nothing leads up to.
var ErrAstray = errors.New("nothing leads up to what comes again and again")

// ErrForeign says that a message was for somebody else.
var ErrForeign = errors.New("message for another terminal")

// ErrEpoch says that a message is of an HQ that has been replaced: of an epoch
// before the newest that this terminal has seen.
var ErrEpoch = errors.New("message of an earlier epoch of HQ")
