package scenario_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/cmd/internal/refused"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/dashboard"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// hostile is a broker that is not on our side: it lets everybody in, keeps all
// that goes by, and sends on whatever the test likes under anybody's name.
type hostile struct {
	*world
	mqtt.HookBase
	server *mqtt.Server

	mu   sync.Mutex
	seen map[string][][]byte // by topic
}

func (*hostile) ID() string { return "hostile" }
func (*hostile) Provides(b byte) bool {
	return slices.Contains([]byte{mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPublished}, b)
}
func (*hostile) OnConnectAuthenticate(*mqtt.Client, packets.Packet) bool { return true }
func (*hostile) OnACLCheck(*mqtt.Client, string, bool) bool              { return true }

func (h *hostile) OnPublished(_ *mqtt.Client, p packets.Packet) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen[p.TopicName] = append(h.seen[p.TopicName], bytes.Clone(p.Payload))
}

// serve starts the broker and returns where.
func (h *hostile) serve(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.open(l); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.server.Close() })
	return l.Addr().String()
}

// open starts the broker behind a listener.
func (h *hostile) open(l net.Listener) error {
	h.seen, h.server = map[string][][]byte{}, mqtt.New(&mqtt.Options{InlineClient: true, Logger: slog.New(slog.DiscardHandler)})
	return errors.Join(h.server.AddHook(h, nil), h.server.AddListener(listeners.NewNet("evil", l)), h.server.Serve())
}

// newHostile starts such a broker, and HQ and a terminal that know no other.
func newHostile(t *testing.T) *hostile { return newHostileWith(t, "") }

// newHostileWith is newHostile where HQ knows further terminals.
func newHostileWith(t *testing.T, terminals string) *hostile {
	t.Helper()
	h := &hostile{world: newWorld(t)}
	h.set.more = terminals
	h.set.broker = h.serve(t)
	h.set.hqBroker = fmt.Sprintf("embedded = false\nurl = \"tcp://%s\"\nusername = \"hq\"\npassword = \"of hq\"\n", h.set.broker)
	h.set.login = "username = \"t1\"\npassword = \"of the till\"\n"
	h.openHQ()
	h.openTill()
	h.at.sees("HQ", func(v view) bool { return v.Ledger.Online && v.Ledger.Backlog == 0 })
	h.scan(lei)
	h.at.sees("the member's points", func(v view) bool { return v.here(consumption) == 2500 })
	h.sell(rice)
	h.at.sees("HQ to have the sale", func(v view) bool { return v.Ledger.Backlog == 0 })
	return h
}

func (h *hostile) publish(topic string, payload []byte) {
	h.t.Helper()
	if err := h.server.Publish(topic, payload, false, 0); err != nil {
		h.t.Fatalf("publish %d bytes: %v", len(payload), err)
	}
}

// heard are the messages of a kind that went by on a topic.
func (h *hostile) heard(topic string, kind wire.Kind) (list [][]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, b := range h.seen[topic] {
		if e, err := wire.Open(b); err == nil && (e.Kind == kind || kind == 0) {
			list = append(list, b)
		}
	}
	return list
}

// key is the signing key in a file of the world.
func (h *hostile) key(file string) ed25519.PrivateKey {
	h.t.Helper()
	key, err := keyfile.Existing(h.path(file))
	if err != nil {
		h.t.Fatal(err)
	}
	return key
}

// stranger's key belongs to nobody.
var stranger = ed25519.NewKeyFromSeed(bytes.Repeat([]byte("stranger"), 4))

// mangled is a message under a kind that its content does not fit.
type mangled struct {
	kind wire.Kind
	body []byte
}

func (m mangled) Kind() wire.Kind       { return m.kind }
func (m mangled) Fields(c *codec.Coder) { codec.Bytes(c, 1, &m.body, wire.MessageBytesMax) }

// another is a message with its envelope changed after it was signed.
func another(t testing.TB, b []byte, change func(*wire.Envelope)) []byte {
	t.Helper()
	e, err := wire.Open(bytes.Clone(b)) // what went by stays as it was
	if err != nil {
		t.Fatal(err)
	}
	change(&e)
	return codec.Marshal(&e)
}

// attack is something sent, and a part of why it is not believed.
type attack struct {
	name string
	b    []byte
	why  string
}

// common are attacks on either side that need a message that is genuine, and one
// that its receiver would obey if its signer had the right to say it.
func (h *hostile) common(genuine []byte, order wire.Message, epoch uint64) []attack {
	return []attack{
		{"garbage", bytes.Repeat([]byte{0xff}, 100), "malformed"},
		{"nothing", nil, "version 0"},
		{"truncated", genuine[:len(genuine)*2/3], "malformed"},
		{"over-128-KiB", bytes.Repeat([]byte("x"), 200<<10), "message of 204800 bytes"},
		{"one-bit-other", another(h.t, genuine, func(e *wire.Envelope) { e.Body[len(e.Body)-1] ^= 1 }), "signature does not match"},
		{"another-version", another(h.t, genuine, func(e *wire.Envelope) { e.Version = 9 }), "version 9"},
		{"under-another-kind", another(h.t, genuine, func(e *wire.Envelope) { e.Kind++ }), "signature does not match"},
		{"forged", wire.Seal(1, epoch, order, stranger), "signature does not match"},
		{"not-signed", wire.Seal(1, epoch, &wire.Renew{}, nil), "signature does not match"},
	}
}

// What comes to a terminal under HQ's name, over a broker that is somebody
// else's: nothing of it changes anything; the cashier, HQ and whoever looks into
// the data folder can see that it came.
func TestTerminalOnAHostileBroker(t *testing.T) {
	t.Parallel()
	h := newHostile(t)
	topic, office := wire.DownTopic(1), h.key("hq/hq.key")
	before := h.at.view()
	acks := h.heard(topic, wire.KindAck)
	if len(acks) == 0 {
		t.Fatal("no ack went by")
	}
	e, _ := wire.Open(acks[0])
	epoch := e.Epoch
	note := func(to ledger.TerminalID, key ed25519.PrivateKey) []byte {
		raw := ledger.SignDown(ledger.Down{Terminal: to, Epoch: epoch, Seq: 1000, Note: &lot.Note{}}, key)
		return wire.Seal(1, epoch, &wire.Down{First: 1000, Entries: [][]byte{raw}}, office)
	}
	theft := &wire.Enrolled{}
	copy(theft.Key[:], stranger.Public().(ed25519.PublicKey))
	never := &wire.Ack{Head: ledger.Head{Incarnation: before.Ledger.Head.Incarnation, Seq: 9999}}
	attacks := append(h.common(acks[len(acks)-1], never, epoch),
		attack{"for-another-terminal", wire.Seal(2, epoch, never, office), "another terminal"},
		attack{"unknown-kind", wire.Seal(1, epoch, mangled{77, nil}, office), "unknown kind"},
		attack{"does-not-fit-its-kind", wire.Seal(1, epoch, mangled{wire.KindWelcome, []byte("x")}, office), "malformed"},
		attack{"stale-epoch", wire.Seal(1, epoch-1, never, office), "earlier epoch"},
		attack{"ack-of-what-was-never-written", wire.Seal(1, epoch, never, office), "never written"},
		attack{"note-for-another-terminal", note(2, office), "entry for another terminal"},
		attack{"forged-note", note(1, stranger), "signature"},
		attack{"another-hq", wire.Seal(1, epoch, theft, stranger), "signature does not match"},
		attack{"packet-over-256-KiB", bytes.Repeat([]byte("x"), 300<<10), "larger than the limit"},
	)
	var genuine [][]byte
	for _, kind := range []wire.Kind{wire.KindAck, wire.KindResume, wire.KindAnswer, wire.KindDown, wire.KindWelcome} {
		genuine = append(genuine, h.heard(topic, kind)...)
	}
	told := 0
	for _, a := range attacks {
		h.publish(topic, a.b)
		v := h.at.sees("the till to tell of "+a.name, func(v view) bool { return count(v) > told && strings.Contains(v.device("line").EN, a.why) })
		told = count(v)
		h.at.sees("HQ again", func(v view) bool { return v.Ledger.Online })
	}
	for _, b := range slices.Backward(genuine) { // twice, the newest first
		h.publish(topic, b)
		h.publish(topic, b)
	}
	v := h.scan(lei)
	if v.device("line").OK || count(v) != told || v.here(consumption) != before.here(consumption) && before.Member != nil {
		t.Errorf("after everything once more the till tells %q, want %d messages; it shows %s", v.device("line").EN, told, v.short())
	}
	h.sell(red)
	h.at.sees("HQ to have that sale", func(v view) bool { return v.Ledger.Backlog == 0 && v.Ledger.Online })
	h.tillKept(attacks)
	h.hqWasTold("fault-messages")
	h.closeAll()
	h.does(0, "ok: chain", "verify", "till/ledger.db")
	h.compare(2) // of points alone; there are alarms
}

// count is how many messages the till says it did not believe.
func count(v view) int {
	n, _ := strconv.Atoi(regexp.MustCompile(`^\d+`).FindString(v.device("line").EN))
	return n
}

// tillKept checks that the bytes lie in the data folder, those that came whole.
func (h *hostile) tillKept(attacks []attack) {
	h.t.Helper()
	kept := map[string]bool{}
	files, _ := filepath.Glob(h.path("till/" + refused.Folder + "/*.bin"))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			h.t.Fatal(err)
		}
		kept[string(b)] = true
	}
	for _, a := range attacks {
		if !kept[string(a.b)] && a.name != "packet-over-256-KiB" && !strings.Contains(a.why, "signature does not match") { // kept once for one reason
			h.t.Errorf("the bytes of %s are not in the till's folder", a.name)
		}
	}
}

// hqWasTold waits until HQ's page has a till's fault.
func (h *hostile) hqWasTold(code string) {
	h.t.Helper()
	eventually(h.t, "HQ's page to show "+code, func() (any, bool) {
		var o hq.Overview
		h.desk.get("/overview.json", &o)
		alarm := slices.ContainsFunc(o.Alarms, func(a book.Alarm) bool { return a.Code == code && a.Detail != "" })
		return o.Alarms, alarm && slices.ContainsFunc(o.Conflicts, func(c hq.Conflict) bool { return c.Code == code })
	})
}

// What comes to HQ under a terminal's name, and from boards of which somebody
// else has the key: nothing of it is acked as applied, each is kept byte for byte
// and shown, and the terminal that is honest is not held up.
func TestHQOnAHostileBroker(t *testing.T) {
	t.Parallel()
	h := newHostile(t)
	topic := wire.UpTopic(1)
	batches := h.heard(topic, wire.KindBatch)
	downs := h.heard(wire.DownTopic(1), wire.KindDown)
	if len(batches) == 0 || len(downs) == 0 {
		t.Fatalf("%d batches and %d down messages went by, want some", len(batches), len(downs))
	}
	totals := h.points()
	till := h.key("till/terminal.key")
	steal := &wire.Report{Head: ledger.Head{Incarnation: 1, Seq: 1}}
	attacks := append(h.common(batches[0], steal, 0),
		attack{"of-another-terminal", wire.Seal(2, 0, steal, till), "another terminal"},
		attack{"unknown-kind", wire.Seal(1, 0, mangled{77, nil}, till), "unknown kind"},
		attack{"undecodable-batch", wire.Seal(1, 0, mangled{wire.KindBatch, []byte("x")}, till), "malformed"},
		attack{"on-the-way-down", wire.Seal(1, 0, &wire.Ack{}, till), "unknown kind"},
	)
	for _, a := range attacks {
		h.publish(topic, a.b)
		h.quarantined(a, 1)
	}
	h.publish("jifen/v1/up/77/t1", []byte("no topic of ours"))
	h.quarantined(attack{"wrong-topic", []byte("no topic of ours"), "is not of t1"}, 0)
	if page := h.page("/"); !strings.Contains(page, `id="refused"`) || !strings.Contains(page, "is not of t1") {
		t.Error("HQ's page does not show what was refused")
	}
	h.publish(topic, bytes.Repeat([]byte("x"), 300<<10))
	h.quarantined(attack{"packet-over-256-KiB", nil, "larger than the limit"}, 0)
	for _, b := range slices.Backward(h.heard(topic, 0)) { // and everything once more, the newest first
		h.publish(topic, b)
	}
	if now := h.points(); !slices.Equal(now, totals) {
		t.Errorf("HQ's accounts have changed from %+v to %+v", totals, now)
	}
	h.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	h.sell(red)
	h.at.sees("HQ to have that sale", func(v view) bool { return v.Ledger.Backlog == 0 && v.Ledger.Online })
	h.desk.sees("no trouble with the honest terminal", func(v hq.TerminalView) bool { return v.Trouble == "" && v.Backlog == 0 })
	h.closeAll()
	h.does(0, "ok: chain", "verify", "till/ledger.db")
	h.compare(2) // of points alone; there are alarms
}

// points are HQ's accounts of what members own.
func (h *hostile) points() []hq.TotalView {
	h.t.Helper()
	return slices.DeleteFunc(h.desk.overview().Totals, func(v hq.TotalView) bool { return !v.Asset.Points() })
}

// page is HQ's page as its keeper sees it.
func (h *hostile) page(path string) string { return string(h.piece(path)) }

// quarantined waits until HQ's page has the bytes, says why, and gives them back
// as they came.
func (h *hostile) quarantined(a attack, of ledger.TerminalID) {
	h.t.Helper()
	eventually(h.t, "HQ to keep "+a.name, func() (any, bool) {
		var list []dashboard.RefusedView
		h.desk.get("/refused.json", &list)
		return list, slices.ContainsFunc(list, func(r dashboard.RefusedView) bool {
			return r.Terminal == of && r.Size == len(a.b) && strings.Contains(r.Why, a.why) && bytes.Equal(h.piece(r.Link), a.b)
		})
	})
}

// piece is what HQ's page gives back of a piece that it keeps.
func (h *hostile) piece(link string) []byte {
	h.t.Helper()
	resp, err := h.desk.http.Get(h.desk.base + link)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}
