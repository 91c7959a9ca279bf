package scenario_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"testing"
	"time"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	mqtt "github.com/eclipse/paho.mqtt.golang"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/jifen-pos/jifen/sync/hq"
)

// outsider is a terminal that nobody at Jifen wrote: what it says follows from
// sync/PROTOCOL.md and the two .proto files alone. It uses none of the product's
// code.
type outsider struct {
	*testing.T
	files linker.Files
	key   ed25519.PrivateKey
	code  string
	line  mqtt.Client
	heard chan []byte

	hqKey       ed25519.PublicKey
	incarnation uint64
	seq         uint64
	link        []byte // of the newest entry
	mark        uint64 // how far HQ's journal is here
	notes       []protoreflect.Message
}

// TestAnotherImplementationSells: what the protocol's page says is enough to
// enrol, to sell, and to spend a member's points.
func TestAnotherImplementationSells(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hq = start(t, w.hqCommand())
	w.desk = signInHQ(t, w.hq.ready())
	exit, code, said := tool(t, w.dir, "board", "invite", "-hq", "hq", "-approved", "1")
	if exit != 0 {
		t.Fatalf("jifen board invite = %d: %s", exit, said)
	}
	s := newOutsider(t, code)
	s.dial(w.set.broker)
	s.enrol()
	s.say(2, "jifen.wire.Hello", `{"software":"stranger","wall":"%d","clock":2}`, time.Now().UnixMilli())
	s.hears(22, "jifen.wire.Welcome")
	for s.mark < 3 {
		s.down(s.hears(25, "jifen.wire.Down"))
	}
	const m7 = 1007
	day := (time.Now().Unix() + 8*3600) / 86400 // in the zone of the programme
	s.writes(s.entry(1, true, "jifen.ledger.Open", `{"boot":"b","board":"b","software":"stranger"}`))
	s.writes(s.entry(3, true, "jifen.ledger.Sale", `{"receipt":"1","day":%d,"member":"%d","proof":2,
		"lines":[{"gtin":"%s","qty":"1","fen":"4990","merchant":"m1"}],
		"awards":[{"issue":{"asset":"points:consumption","amount":"49","unitCost":"1000","expires":%d},"rule":"base","shares":[{"line":0}]}],
		"tenders":[{"kind":"cash"}]}`, day, m7, rice, day+365))
	w.desk.sees("two entries of it", func(v hq.TerminalView) bool { return v.Entries == 2 && v.Trouble == "" })

	s.say(4, "jifen.wire.Ask", `{"id":"5","incarnation":"%d","member":"%d","wants":[{"asset":"points:consumption","amount":"2000"}],"withinMs":"5000"}`, s.incarnation, m7)
	for len(s.notes) == 0 {
		s.down(s.hears(25, "jifen.wire.Down"))
	}
	holding := list(s.notes[0], "holdings")[0].Message()
	lot, amount := field(holding, "lot").Message(), field(holding, "amount").Int()
	if amount != 2000 {
		t.Fatalf("HQ gives %d points, want the 2,000 that were asked for", amount)
	}
	id := field(lot, "id").Message()
	s.writes(s.entry(3, true, "jifen.ledger.Sale", `{"receipt":"2","day":%d,"member":"%d","proof":2,
		"lines":[{"gtin":"%s","qty":"1","fen":"4990","merchant":"m1","deducted":"1000"}],
		"deduction":{"asset":"points:consumption","fen":"1000","draws":[{"lot":{"terminal":%d,"incarnation":"%d","seq":"%d","n":%d},"amount":"1000"}]},
		"tenders":[{"kind":"cash"}]}`, day, m7, rice,
		field(id, "terminal").Uint(), field(id, "incarnation").Uint(), field(id, "seq").Uint(), field(id, "n").Uint()))
	w.desk.sees("three entries of it, and no trouble", func(v hq.TerminalView) bool { return v.Entries == 3 && v.Trouble == "" })
	spent := int64(-1)
	for _, total := range w.desk.overview().Totals {
		if total.Asset == consumption {
			spent = int64(total.Spent)
		}
	}
	if spent != 1000 {
		t.Errorf("HQ's books say that %d points are spent, want 1,000", spent)
	}
	if alarms := w.desk.overview().Alarms; len(alarms) != 0 {
		t.Errorf("HQ has alarms about it: %v", alarms)
	}
}

func newOutsider(t *testing.T, code string) *outsider {
	t.Helper()
	c := protocompile.Compiler{Resolver: &protocompile.SourceResolver{ImportPaths: []string{"../../.."}}}
	files, err := c.Compile(t.Context(), "terminal/ledger/entry.proto", "sync/wire/jifen.proto")
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var random [8]byte
	_, _ = rand.Read(random[:])
	return &outsider{
		T: t, files: files, key: key, code: strings.ReplaceAll(strings.TrimSpace(code), "-", ""), heard: make(chan []byte, 100),
		incarnation: binary.BigEndian.Uint64(random[:]) | 1,
	}
}

const theName = "t1"

// dial opens the line as the page's chapters Pipe and Enrolment say.
func (s *outsider) dial(broker string) {
	s.Helper()
	var password []byte
	for _, b := range s.mac("jifen1 broker", theName)[:26] {
		password = append(password, "0123456789abcdefghjkmnpqrstvwxyz"[b&31])
	}
	o := mqtt.NewClientOptions().AddBroker("ssl://" + broker).SetClientID(theName + ".5eed5eed").SetUsername(theName).SetPassword(string(password))
	o.SetProtocolVersion(4).SetCleanSession(true).SetAutoReconnect(false).SetTLSConfig(&tls.Config{
		ServerName: "enrol.jifen.internal", MinVersion: tls.VersionTLS13, CurvePreferences: []tls.CurveID{tls.X25519},
		InsecureSkipVerify: true, VerifyConnection: s.pinned,
	})
	s.line = mqtt.NewClient(o)
	s.waits("connect", s.line.Connect())
	s.waits("subscribe", s.line.Subscribe("jifen/v1/down/"+theName, 0, func(_ mqtt.Client, m mqtt.Message) { s.heard <- m.Payload() }))
	s.Cleanup(func() { s.line.Disconnect(0) })
}

func (s *outsider) waits(what string, token mqtt.Token) {
	s.Helper()
	if !token.WaitTimeout(10*time.Second) || token.Error() != nil {
		s.Fatalf("%s: %v", what, token.Error())
	}
}

// pinned knows the broker by the second half of the code.
func (s *outsider) pinned(c tls.ConnectionState) error {
	authority := c.PeerCertificates[len(c.PeerCertificates)-1]
	sum := sha256.Sum256(authority.RawSubjectPublicKeyInfo)
	var bits []byte
	for _, digit := range s.code {
		n := strings.IndexRune("0123456789ABCDEFGHJKMNPQRSTVWXYZ", digit)
		for b := 4; b >= 0; b-- {
			bits = append(bits, byte(n>>b&1))
		}
	}
	for n := range 80 {
		if sum[n/8]>>(7-n%8)&1 != bits[80+n] {
			return errors.New("the authority is not that of the code")
		}
	}
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	_, err := c.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, DNSName: "broker.jifen.internal", CurrentTime: c.PeerCertificates[0].NotBefore})
	return err
}

func (s *outsider) mac(parts ...string) []byte {
	h := hmac.New(sha256.New, []byte(s.code))
	for _, p := range parts {
		h.Write(binary.BigEndian.AppendUint16(nil, uint16(len(p))))
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

func (s *outsider) enrol() {
	s.Helper()
	public := string(s.key.Public().(ed25519.PublicKey))
	s.say(1, "jifen.wire.Enrol", `{"key":"%s","mac":"%s","software":"stranger"}`, b64([]byte(public)), b64(s.mac("jifen1 enrol", theName, public)))
	m := s.hears(20, "jifen.wire.Enrolled")
	s.hqKey = field(m, "key").Bytes()
	if !bytes.Equal(field(m, "mac").Bytes(), s.mac("jifen1 enrolled", theName, public, string(s.hqKey))) {
		s.Fatal("HQ does not know the code")
	}
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// make writes a message of the contract.
func (s *outsider) make(name protoreflect.FullName, form string, args ...any) []byte {
	s.Helper()
	m := dynamicpb.NewMessage(s.kind(name))
	if err := protojson.Unmarshal(fmt.Appendf(nil, form, args...), m); err != nil {
		s.Fatalf("%s: %v", name, err)
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		s.Fatal(err)
	}
	return b
}

func (s *outsider) kind(name protoreflect.FullName) protoreflect.MessageDescriptor {
	for _, f := range s.files {
		if d, ok := f.FindDescriptorByName(name).(protoreflect.MessageDescriptor); ok {
			return d
		}
	}
	s.Fatalf("the contract has no %s", name)
	return nil
}

// read reads a message of the contract.
func (s *outsider) read(name protoreflect.FullName, b []byte) protoreflect.Message {
	s.Helper()
	m := dynamicpb.NewMessage(s.kind(name))
	if err := proto.Unmarshal(b, m); err != nil {
		s.Fatalf("%s: %v", name, err)
	}
	return m
}

func field(m protoreflect.Message, name protoreflect.Name) protoreflect.Value {
	return m.Get(m.Descriptor().Fields().ByName(name))
}

func list(m protoreflect.Message, name protoreflect.Name) (out []protoreflect.Value) {
	l := field(m, name).List()
	for n := range l.Len() {
		out = append(out, l.Get(n))
	}
	return out
}

// say sends a message in its envelope.
func (s *outsider) say(kind uint16, name protoreflect.FullName, form string, args ...any) {
	s.Helper()
	body := s.make(name, form, args...)
	envelope := s.make("jifen.wire.Envelope", `{"version":1,"terminal":1,"kind":%d,"body":"%s","signature":"%s"}`, kind, b64(body), b64(ed25519.Sign(s.key, spoken(0, kind, body))))
	h := fnv.New32a()
	h.Write([]byte(theName))
	s.waits("publish", s.line.Publish(fmt.Sprintf("jifen/v1/up/%d/%s", h.Sum32()%64, theName), 1, false, envelope))
}

// spoken is what the signature of an envelope is over.
func spoken(epoch uint64, kind uint16, body []byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte("jifen1 message"), 1)
	b = binary.BigEndian.AppendUint32(b, 1)
	b = binary.BigEndian.AppendUint64(b, epoch)
	return append(binary.BigEndian.AppendUint16(b, kind), body...)
}

// hears waits for a message of a kind; others are passed over.
func (s *outsider) hears(kind uint64, name protoreflect.FullName) protoreflect.Message {
	s.Helper()
	for end := time.After(20 * time.Second); ; {
		select {
		case b := <-s.heard:
			e := s.read("jifen.wire.Envelope", b)
			if field(e, "kind").Uint() != kind {
				continue
			}
			m := s.read(name, field(e, "body").Bytes())
			key := s.hqKey
			if key == nil { // HQ introduces itself
				key = field(m, "key").Bytes()
			}
			if !ed25519.Verify(key, spoken(field(e, "epoch").Uint(), uint16(kind), field(e, "body").Bytes()), field(e, "signature").Bytes()) {
				s.Fatalf("%s is not signed by HQ", name)
			}
			return m
		case <-end:
			s.Fatalf("HQ says no %s", name)
		}
	}
}

// down takes in what follows of HQ's journal.
func (s *outsider) down(m protoreflect.Message) {
	s.Helper()
	for n, e := range list(m, "entries") {
		signed := s.read("jifen.ledger.SignedDown", e.Bytes())
		raw := field(signed, "bytes").Bytes()
		text := append(binary.BigEndian.AppendUint32([]byte("jifen1 down"), uint32(len(raw))), raw...)
		if !ed25519.Verify(s.hqKey, text, field(signed, "signature").Bytes()) {
			s.Fatal("an entry of HQ's journal is not signed by HQ")
		}
		if seq := field(m, "first").Uint() + uint64(n); seq != s.mark+1 {
			continue
		}
		s.mark++
		d := s.read("jifen.ledger.Down", raw)
		if note := d.Descriptor().Fields().ByName("note"); d.Has(note) {
			s.notes = append(s.notes, d.Get(note).Message())
		}
	}
}

// entry writes an entry of the terminal's journal.
func (s *outsider) entry(kind int, critical bool, name protoreflect.FullName, form string, args ...any) []byte {
	s.Helper()
	now := time.Now().UnixMilli()
	return s.make("jifen.ledger.Entry", `{"kind":%d,"critical":%v,"booted":"%d","clock":2,"mark":"%d","actor":"c1","lane":1,"wall":"%d","body":"%s"}`,
		kind, critical, now-60_000, s.mark, now, b64(s.make(name, form, args...)))
}

// writes appends an entry to the chain, sends it alone and waits for the ack of it.
func (s *outsider) writes(entry []byte) {
	s.Helper()
	if s.link == nil {
		genesis := binary.BigEndian.AppendUint32([]byte("jifen1 genesis"), 1)
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(genesis, s.incarnation))
		s.link = sum[:]
	}
	sum := sha256.Sum256(append(binary.BigEndian.AppendUint32(bytes.Clone(s.link), uint32(len(entry))), entry...))
	s.link, s.seq = sum[:], s.seq+1
	head := s.make("jifen.ledger.Head", `{"incarnation":"%d","seq":"%d","hash":"%s"}`, s.incarnation, s.seq, b64(s.link))
	signature := ed25519.Sign(s.key, append(binary.BigEndian.AppendUint32([]byte("jifen1 head"), 1), head...))
	s.say(3, "jifen.wire.Batch", `{"incarnation":"%d","first":"%d","signature":"%s","entries":["%s"],"down":"%d"}`, s.incarnation, s.seq, b64(signature), b64(entry), s.mark)
	ack := field(s.hears(23, "jifen.wire.Ack"), "head").Message()
	if field(ack, "seq").Uint() != s.seq || !bytes.Equal(field(ack, "hash").Bytes(), s.link) {
		s.Fatalf("HQ acks entry %d, want %d with the same hash", field(ack, "seq").Uint(), s.seq)
	}
}
