package assemble

import (
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/cmd/internal/refused"
	"github.com/jifen-pos/jifen/cmd/internal/shelf"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/mqttlink"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till"
)

// uplink lets the terminal's end of the exchange talk through an MQTT link,
// and the till ask through it.
type uplink struct {
	id      ledger.TerminalID
	log     *slog.Logger
	end     *exchange.Terminal
	online  atomic.Bool
	denied  atomic.Pointer[string]
	goodbye atomic.Bool // to be said once
	hurry   atomic.Bool // nothing waits for more any longer
	refused *refused.Keeper
	wake    chan struct{}
	change  func()
	code    func() string // the enrolment code as it is now

	mu   sync.Mutex
	asks []*wire.Ask
}

var (
	_ mqttlink.Session = (*uplink)(nil)
	_ clerk.Asker      = (*uplink)(nil)
)

// asksWaiting bounds the questions that wait for the link.
const asksWaiting = 256

// Online reports whether HQ has answered on this connection.
func (u *uplink) Online() bool { return u.online.Load() }

// Ask queues a question.
func (u *uplink) Ask(a clerk.Ask) {
	m := &wire.Ask{ID: a.ID, Incarnation: a.Incarnation, Member: a.Member, WithinMS: a.Within.Milliseconds(), Voucher: a.Voucher}
	for _, w := range a.Wants {
		m.Wants = append(m.Wants, wire.Want(w))
	}
	u.mu.Lock()
	if len(u.asks) < asksWaiting {
		u.asks = append(u.asks, m)
	}
	u.mu.Unlock()
	u.Wake()
}

// Wake makes the link look for something to send.
func (u *uplink) Wake() {
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// Denied is why HQ takes nothing from this board, a word of the catalogue, or "".
func (u *uplink) Denied() string {
	if s := u.denied.Load(); s != nil {
		return *s
	}
	return ""
}

func (u *uplink) settle(err error) {
	if err != nil {
		u.log.Warn("exchange with HQ", "error", err)
	}
	denied := u.end.Denied()
	if u.Denied() != denied {
		u.log.Warn("HQ takes nothing from this board", "why", denied)
		u.denied.Store(&denied)
		u.change()
	}
	if now := u.end.Online(); u.online.Swap(now) != now {
		u.log.Info("exchange with HQ", "online", now)
		u.change()
	}
}

// Opened starts a conversation with HQ.
func (u *uplink) Opened(now time.Time) {
	u.end.SetCode(u.code())
	u.settle(u.end.Opened(now))
}

// Closed ends it.
func (u *uplink) Closed(time.Time) {
	u.end.Closed()
	u.settle(nil)
}

// Receive takes in a message from HQ.
func (u *uplink) Receive(f mqttlink.Frame, now time.Time) {
	err := u.end.Receive(f.Payload, now)
	if u.refused.Take(f.Payload, err) {
		err = nil // said once an hour, where somebody sees it
	}
	u.settle(err)
}

// Tick does what is due.
func (u *uplink) Tick(now time.Time) { u.settle(u.end.Tick(now)) }

// Stalled asks for a new connection.
func (u *uplink) Stalled(now time.Time) bool { return u.end.Stalled(now) }

// Outgoing hands over what is to be sent.
func (u *uplink) Outgoing(now time.Time) []mqttlink.Frame {
	u.mu.Lock()
	asks := u.asks
	u.asks = nil
	u.mu.Unlock()
	for _, a := range asks {
		u.end.Ask(a)
	}
	if u.hurry.Load() {
		u.end.Hurry()
	}
	out, err := u.end.Outgoing(now)
	if err != nil {
		u.settle(fmt.Errorf("send to HQ: %w", err))
	}
	frames := make([]mqttlink.Frame, len(out), len(out)+1)
	for i, o := range out {
		frames[i] = mqttlink.Frame{Topic: wire.UpTopic(u.id), Payload: o.Bytes, QoS: qos(o.Sure)}
	}
	if u.goodbye.Swap(false) {
		frames = append(frames, presence(u.id, wire.StateOffline))
	}
	return frames
}

// presence is what a terminal says of its connection: a hint for people.
func presence(id ledger.TerminalID, state string) mqttlink.Frame {
	return mqttlink.Frame{Topic: wire.StateTopic(id), Payload: []byte(state), QoS: 1, Retain: true}
}

// Leave says goodbye: the terminal is about to stop.
func (u *uplink) Leave() {
	u.goodbye.Store(true)
	u.Wake()
}

func qos(sure bool) byte {
	if sure {
		return 1
	}
	return 0
}

// station shows the till to the terminal's end of the exchange.
type station struct {
	*till.Till
	data  string // folder
	id    ledger.TerminalID
	shelf *shelf.Shelf
}

// ApplyDown takes in entries of HQ's journal. What they announce of documents
// is noted first: an entry that is in the journal does not come again. What comes
// after a gap is not, and HQ may have forgotten it when it is asked again.
func (s station) ApplyDown(raws [][]byte) (ledger.DownSeq, error) {
	if s.shelf == nil {
		return s.Till.ApplyDown(raws)
	}
	st, err := s.Progress()
	if err != nil {
		return 0, err
	}
	ring, at := s.Ring(), st.Down
	err = s.shelf.Announce(raws, func(raw []byte) *ledger.Document {
		d, err := ring.Open(raw, st.Down)
		if err != nil || ring.Now() == nil || d.Terminal != s.id || d.Seq != at+1 { // the journal says what is wrong with it
			return nil
		}
		at = d.Seq
		if next, err := ring.Follow(d); err == nil {
			ring = next
		}
		return d.Document
	})
	if err != nil {
		return 0, err
	}
	return s.Till.ApplyDown(raws)
}

var _ exchange.Station = station{}

// SetHQKey keeps HQ's key: the terminal has enrolled.
func (s station) SetHQKey(key ed25519.PublicKey) error {
	if err := s.Till.SetHQKey(key); err != nil {
		return err
	}
	return keyfile.Write(filepath.Join(s.data, enrolledFile), []byte("HQ has taken this terminal's key.\n"))
}

// Status says how the journals stand.
func (s station) Status() (exchange.Status, error) {
	st, err := s.Progress()
	return exchange.Status{
		Streams: st.Streams, Down: st.Down, Backlog: st.Ledger.Backlog, Oldest: st.Ledger.Oldest,
		Wall: st.Reading.Wall, Clock: st.Reading.Quality, Last: st.Last, Epoch: st.Epoch,
	}, err
}

// Down lists entries of HQ's journal.
func (s station) Down(after ledger.DownSeq) ([][]byte, error) {
	return s.DownEntries(after, wire.DownEntriesMax)
}

// Batch returns a run of entries.
func (s station) Batch(i ledger.Incarnation, from ledger.Seq) (exchange.Batch, error) {
	list, err := s.Entries(i, from, wire.BatchEntriesMax, wire.BatchBytesMax/2)
	if err != nil || len(list) == 0 {
		return exchange.Batch{}, err
	}
	last := list[len(list)-1]
	b := exchange.Batch{Head: last.Head, Signature: last.Signature}
	for _, r := range list {
		b.Entries = append(b.Entries, r.Raw)
	}
	return b, nil
}

// History takes in what HQ has of the journal and this terminal has not.
func (s station) History(m *wire.History) error {
	return s.Till.History(clerk.Missing{After: m.After, Before: m.Before}, m.Incarnation, m.Entries, m.Done)
}

// Answered tells the till what HQ said beside a note.
func (s station) Answered(m *wire.Answer) {
	a := clerk.Answer{Ask: m.Ask, Member: m.Member, Given: m.Given, Why: clerk.Whereabouts{Code: m.Code, At: m.At, Store: m.Store}}
	if m.Wall > 0 {
		a.Why.Wall = time.UnixMilli(m.Wall)
	}
	for _, b := range m.Left {
		a.Left = append(a.Left, clerk.Balance(b))
	}
	s.Till.Answered(a)
}
