package exchange

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/guard"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// ErrRefused is an office's answer that nothing more is taken from a terminal;
// a *RefusedError says why.
var ErrRefused = errors.New("refused")

// RefusedError carries the reason, a word of the catalogue. It matches
// ErrRefused.
type RefusedError struct {
	Code  string
	Waits bool // nothing is wrong: a person has not said yes yet
}

func (e *RefusedError) Error() string { return "refused: " + e.Code }

// Is makes the error match ErrRefused.
func (e *RefusedError) Is(target error) bool { return target == ErrRefused }

// BehindError is an office's answer that of a terminal which believes that HQ has
// everything, it has no more than up to a head: its book went back.
type BehindError struct{ Head ledger.Head }

func (e *BehindError) Error() string { return fmt.Sprintf("HQ has entries only up to %s", e.Head) }

// Office is what HQ's end needs of HQ. Every call is one transaction.
type Office interface {
	// Epoch is HQ's life: it grows when HQ is restored.
	Epoch() uint64
	// Key is the public key that a terminal enrolled with, or nil.
	Key(id ledger.TerminalID) (ed25519.PublicKey, error)
	// Enrol takes a board's key if the code's proof is right, and returns the
	// proof for the board.
	Enrol(id ledger.TerminalID, m *wire.Enrol) (*wire.Enrolled, error)
	// Hello notes how a terminal stands and says how far HQ is; a *LacksError
	// beside it says what of HQ's own journal is wanted back.
	Hello(id ledger.TerminalID, m *wire.Hello) (*wire.Welcome, error)
	// Report notes how a terminal stands; a *BehindError says that HQ has less of its
	// journal than the terminal believes.
	Report(id ledger.TerminalID, m *wire.Report) error
	// Ingest commits a batch; resume is true when it did not follow on what HQ
	// has, and then the head is the one to go on after. Several that follow on each
	// other are committed together or not at all, and blamed for nothing: alone,
	// each of them is.
	Ingest(id ledger.TerminalID, list ...*wire.Batch) (head ledger.Head, resume bool, err error)
	// Ask commits a note where there is something to give, and says what is left.
	Ask(id ledger.TerminalID, m *wire.Ask) (*wire.Answer, error)
	// Echo takes in as HQ's own what a terminal sends back of its journal. A
	// *LacksError says what is still wanted.
	Echo(id ledger.TerminalID, m *wire.Echo) error
	// Down lists the journal for a terminal after a sequence number.
	Down(id ledger.TerminalID, after ledger.DownSeq) ([][]byte, error)
	// Fetch is a part of a document.
	Fetch(id ledger.TerminalID, m *wire.Fetch) (*wire.Chunk, error)
	// History is what HQ has of the terminal's own journal after an entry.
	History(id ledger.TerminalID, m *wire.Forgot) (*wire.History, error)
	// Certify signs a certificate of the terminal's key; nil where HQ signs none.
	Certify(id ledger.TerminalID) (*wire.Certificate, error)
	// Refused keeps bytes that were not believed, and raises an alarm.
	Refused(id ledger.TerminalID, raw []byte, why error)
}

// HQOptions are the parts of HQ's end.
type HQOptions struct {
	Key       ed25519.PrivateKey
	Office    Office
	Unguarded guard.Off // set by the simulation only
	// Pause is how long a terminal is asked to wait before its next batch; nil
	// for not at all.
	Pause func(ledger.TerminalID) time.Duration
	// Twice: what HQ has committed lies in two places that do not fail together.
	Twice bool
	// Voice is the key under which a terminal believes HQ; nil: it is always Key.
	Voice Voice
	// Broke is told what HQ broke over, on the stack where it broke; nil for nobody.
	Broke func(why any)
}

// Voice knows under which of HQ's keys a terminal believes it.
type Voice interface {
	// Key is the one for a terminal that says how far it has HQ's journal, or has
	// not said so on this connection.
	Key(id ledger.TerminalID, has ledger.DownSeq, says bool) (ed25519.PrivateKey, error)
	// Showed is told the newest entry of HQ's journal that a terminal has.
	Showed(id ledger.TerminalID, last []byte)
	// Guesses are those under which a terminal that HQ's book forgot may believe it.
	Guesses(id ledger.TerminalID) []ed25519.PrivateKey
}

// HQ is HQ's end for all terminals. It is used from one goroutine.
type HQ struct {
	o      HQOptions
	out    []Out
	peers  map[ledger.TerminalID]*peer
	astray map[ledger.TerminalID]int // batches in a row that did not follow
	breaks map[kindOf]int            // messages in a row that HQ broke over
	wanted map[ledger.TerminalID]wanted
}

// peer is what HQ's end remembers of a conversation.
type peer struct {
	sent ledger.DownSeq // newest down entry on its way
	says ledger.DownSeq // newest one that the terminal says it has
	at   time.Time      // when sent moved
	most ledger.DownSeq // newest one that was ever on its way
	wait time.Duration  // beyond the first one, before it is sent again
}

// NewHQ makes an end.
func NewHQ(o HQOptions) *HQ {
	return &HQ{o: o, peers: map[ledger.TerminalID]*peer{}, astray: map[ledger.TerminalID]int{}, breaks: map[kindOf]int{}, wanted: map[ledger.TerminalID]wanted{}}
}

// Closed forgets all conversations: HQ's own connection is gone.
func (h *HQ) Closed() {
	h.out, h.peers = nil, map[ledger.TerminalID]*peer{}
	clear(h.wanted)
}

func (h *HQ) say(to ledger.TerminalID, m wire.Message) {
	key := h.o.Key
	if h.o.Voice != nil {
		var has ledger.DownSeq
		p := h.peers[to]
		if p != nil {
			has = p.says
		}
		known, err := h.o.Voice.Key(to, has, p != nil)
		if err == nil { // else nobody can say anything to it
			key = known
		}
	}
	h.out = append(h.out, Out{To: to, Bytes: wire.Seal(to, h.o.Office.Epoch(), m, key)})
}

// Outgoing hands over what is to be sent.
func (h *HQ) Outgoing() []Out {
	out := h.out
	h.out = nil
	return out
}

// Receive takes in a message that came on a terminal's topic. What is not
// believed is kept in quarantine; an error is HQ's own fault, and then nothing
// was acked. A panic costs nobody but the one who sent it.
func (h *HQ) Receive(from ledger.TerminalID, b []byte, now time.Time) error {
	of := kindOf{from: from}
	err := h.contained(func() error { return h.receive(&of, b, now) })
	switch {
	case errors.Is(err, ErrPanic):
		h.broke(of, b)
	case err == nil:
		delete(h.breaks, of)
	}
	return err
}

func (h *HQ) receive(of *kindOf, b []byte, now time.Time) error {
	from := of.from
	e, err := wire.Open(b)
	of.kind = e.Kind
	if err == nil && e.Terminal != from {
		err = fmt.Errorf("message of %s on the topic of %s: %w", e.Terminal, from, ErrForeign)
	}
	if err != nil {
		h.o.Office.Refused(from, b, err)
		return nil
	}
	if e.Kind == wire.KindEnrol {
		return h.enrol(from, b, &e)
	}
	key, err := h.o.Office.Key(from)
	if err != nil {
		return err
	}
	if key == nil { // its book forgot the board
		h.unknown(from, &e)
	}
	m, err := h.believe(from, &e, key)
	if err != nil {
		h.o.Office.Refused(from, b, err)
		return nil
	}
	err = h.take(from, m, b, now)
	if refused := (*RefusedError)(nil); errors.As(err, &refused) {
		h.o.Office.Refused(from, b, err)
		h.say(from, &wire.Denied{Code: refused.Code})
		return nil
	}
	if lacks := (*LacksError)(nil); errors.As(err, &lacks) {
		if again := h.wants(from, lacks.After, now); !again || e.Kind != wire.KindEcho {
			h.say(from, &wire.Lacks{After: lacks.After})
		}
		return nil
	}
	if errors.Is(err, wire.ErrKind) { // signed as it should be, and not for HQ
		h.o.Office.Refused(from, b, err)
		return nil
	}
	if errors.Is(err, wire.ErrSignature) { // of what the message carries: not HQ's own fault
		h.o.Office.Refused(from, b, err)
		h.say(from, &wire.Denied{Code: "denied-echo"})
		return nil
	}
	return err
}

// unknown tells a board that HQ's book has not got it. What it greets with cannot be
// verified then; it shows which of HQ's keys it knows all the same.
func (h *HQ) unknown(to ledger.TerminalID, e *wire.Envelope) {
	keys := []ed25519.PrivateKey{h.o.Key}
	if h.o.Voice != nil {
		if m, err := e.Message(); err == nil && e.Kind == wire.KindHello {
			h.o.Voice.Showed(to, m.(*wire.Hello).Last)
		}
		keys = h.o.Voice.Guesses(to)
	}
	for _, key := range keys {
		h.out = append(h.out, Out{To: to, Bytes: wire.Seal(to, h.o.Office.Epoch(), &wire.Denied{Code: unknown}, key)})
	}
}

// believe checks who a message is from. That a batch's entries are the
// terminal's own, the office checks against the chain as well.
func (h *HQ) believe(from ledger.TerminalID, e *wire.Envelope, key ed25519.PublicKey) (wire.Message, error) {
	if key == nil {
		return nil, fmt.Errorf("%s is not enrolled: %w", from, wire.ErrSignature)
	}
	if err := e.Verify(key); err != nil && !h.o.Unguarded.SignedMessages {
		return nil, err
	}
	return e.Message()
}

func (h *HQ) enrol(from ledger.TerminalID, raw []byte, e *wire.Envelope) error {
	m, err := e.Message()
	if err == nil {
		enrol := m.(*wire.Enrol)
		if err = e.Verify(enrol.Key[:]); err == nil {
			return h.enrols(from, raw, enrol)
		}
	}
	h.o.Office.Refused(from, raw, err)
	return nil
}

// enrols enrols a board that has proved its key.
func (h *HQ) enrols(from ledger.TerminalID, raw []byte, m *wire.Enrol) error {
	answer, err := h.o.Office.Enrol(from, m)
	if err == nil {
		h.nothingThere(from)
		h.say(from, answer)
		return h.certify(from)
	}
	refused := (*RefusedError)(nil)
	if !errors.As(err, &refused) { // HQ's own fault
		return err
	}
	h.say(from, &wire.Denied{Code: refused.Code})
	if !refused.Waits {
		h.o.Office.Refused(from, raw, err)
	}
	return nil
}

// nothingThere notes that a board has nothing of HQ's journal, and so knows the key
// alone under which that begins: it enrols, if for the second time.
func (h *HQ) nothingThere(id ledger.TerminalID) {
	h.peers[id] = &peer{}
	if h.o.Voice != nil {
		h.o.Voice.Showed(id, nil)
	}
}

// certify sends a terminal its certificate.
func (h *HQ) certify(to ledger.TerminalID) error {
	m, err := h.o.Office.Certify(to)
	if err != nil || m == nil {
		return err
	}
	h.say(to, m)
	return nil
}

func (h *HQ) take(from ledger.TerminalID, m wire.Message, raw []byte, now time.Time) error {
	switch m := m.(type) {
	case *wire.Hello:
		if h.o.Voice != nil {
			h.o.Voice.Showed(from, m.Last)
		}
		welcome, err := h.o.Office.Hello(from, m)
		if lacks := (*LacksError)(nil); err != nil && !errors.As(err, &lacks) {
			return err
		}
		h.peers[from] = &peer{sent: m.Down, says: m.Down, at: now}
		h.say(from, welcome)
		if err != nil {
			return err
		}
		return h.push(from, now)
	case *wire.Echo:
		if err := h.o.Office.Echo(from, m); err != nil {
			return err
		}
		return h.push(from, now)
	case *wire.Batch:
		head, resume, err := h.o.Office.Ingest(from, m)
		if err != nil {
			return err
		}
		if resume {
			h.strayed(from, m, raw)
			h.say(from, &wire.Resume{Head: head})
			return nil
		}
		return h.committed(from, head, m, now)
	case *wire.Ask:
		answer, err := h.o.Office.Ask(from, m)
		if err != nil {
			return err
		}
		return h.answer(from, answer, now)
	case *wire.Report:
		return h.report(from, m, now)
	case *wire.Fetch:
		chunk, err := h.o.Office.Fetch(from, m)
		if err != nil {
			return err
		}
		h.say(from, chunk)
	case *wire.Forgot:
		history, err := h.o.Office.History(from, m)
		if err != nil {
			return err
		}
		h.say(from, history)
	case *wire.Renew:
		return h.certify(from)
	default:
		return fmt.Errorf("kind %d on the way up: %w", m.Kind(), wire.ErrKind)
	}
	return nil
}

// committed acks what is committed up to a batch.
func (h *HQ) committed(from ledger.TerminalID, head ledger.Head, m *wire.Batch, now time.Time) error {
	delete(h.astray, from)
	ack := &wire.Ack{Head: head, Wall: now.UnixMilli(), Twice: h.o.Twice}
	if h.o.Pause != nil {
		ack.PauseMS = h.o.Pause(from).Milliseconds()
	}
	h.say(from, ack)
	if p, fresh := h.peer(from, m.Down); fresh || p.sent > p.says {
		p.says, p.wait = max(p.says, m.Down), 0 // it works: what it did not take in at night it may now
		p.lost(now)
		return h.push(from, now)
	}
	return nil
}

// strayed counts batches that do not follow on what HQ has. Those that a line
// lost come again soon; what nothing leads up to, such as a life whose parent
// nobody knows, never comes to anything, and somebody has to know of it.
func (h *HQ) strayed(from ledger.TerminalID, m *wire.Batch, raw []byte) {
	h.astray[from]++
	if h.astray[from] == astrayMax {
		h.astray[from] = 0
		h.o.Office.Refused(from, raw, fmt.Errorf("entries from %d of incarnation %s: %w", m.First, m.Incarnation, ErrAstray))
	}
}

func (h *HQ) report(from ledger.TerminalID, m *wire.Report, now time.Time) error {
	err := h.o.Office.Report(from, m)
	if behind := (*BehindError)(nil); errors.As(err, &behind) {
		h.say(from, &wire.Resume{Head: behind.Head})
	} else if err != nil {
		return err
	}
	p, _ := h.peer(from, m.Down)
	if p.says != m.Down {
		p.wait = 0
	}
	p.says = m.Down
	p.lost(now)
	return h.push(from, now)
}

// peer is how far a terminal is. Of one that HQ has not heard since it was away
// itself it goes on where the terminal says it is.
func (h *HQ) peer(from ledger.TerminalID, says ledger.DownSeq) (p *peer, fresh bool) {
	if p = h.peers[from]; p == nil {
		p, fresh = &peer{sent: says, says: says}, true
		h.peers[from] = p
	}
	return p, fresh
}

// lost takes it that what was sent some time ago and is not there was lost. Each time
// it waits longer: a terminal whose day is closed takes nothing in, and its line is paid
// for by the byte.
func (p *peer) lost(now time.Time) {
	switch {
	case p.says > p.sent:
		p.sent = p.says
	case p.says < p.sent && now.Sub(p.at) >= resendAfter+p.wait:
		p.sent = p.says
		p.wait = min(2*p.wait+resendAfter, patientMost)
	}
}

// answer sends an answer with the note that it speaks of.
func (h *HQ) answer(to ledger.TerminalID, m *wire.Answer, now time.Time) error {
	down, err := h.next(to, now)
	if err != nil {
		return err
	}
	if down == nil {
		h.say(to, m)
		return nil
	}
	down.Answer = m
	h.say(to, down)
	return nil
}

// Push sends new entries of a terminal's down journal.
func (h *HQ) Push(to ledger.TerminalID, now time.Time) error {
	return h.contained(func() error { return h.push(to, now) })
}

func (h *HQ) push(to ledger.TerminalID, now time.Time) error {
	down, err := h.next(to, now)
	if down != nil {
		h.say(to, down)
	}
	return err
}

// next is what the terminal does not have yet of its down journal, as much as
// one message takes, or nil.
func (h *HQ) next(to ledger.TerminalID, now time.Time) (*wire.Down, error) {
	p := h.peers[to]
	if p == nil || p.sent > p.says+wire.DownEntriesMax {
		return nil, nil
	}
	raws, err := h.o.Office.Down(to, p.sent)
	if err != nil || len(raws) == 0 {
		return nil, err
	}
	raws = raws[:fitting(raws)]
	m := &wire.Down{First: p.sent + 1, Entries: raws}
	p.sent += ledger.DownSeq(len(raws))
	p.at = now
	if p.sent > p.most { // the terminal has not seen that yet, and needs what is before it
		p.most, p.wait = p.sent, 0
	}
	return m, nil
}

// fitting is how many entries one message takes; one always fits.
func fitting(raws [][]byte) int {
	size := 0
	for n, raw := range raws {
		if size += len(raw); size > wire.MessageBytesMax/2 && n > 0 {
			return n
		}
	}
	return len(raws)
}
