package wire_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/zstd"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

var (
	boardKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	hqKey    = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
)

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

var unsent = cmp.Options{cmpopts.IgnoreUnexported(wire.Batch{}, wire.History{}), cmpopts.EquateEmpty()}

// messages has one message of every kind, with every field set.
func messages(t testing.TB) []wire.Message {
	t.Helper()
	var out []wire.Message
	for k := range wire.Kind(1000) {
		if m, err := (&wire.Envelope{Kind: k}).Message(); err == nil {
			fill(m)
			out = append(out, m)
		}
	}
	return out
}

func open(t testing.TB, b []byte) (wire.Envelope, wire.Message) {
	t.Helper()
	e, err := wire.Open(b)
	if err != nil {
		t.Fatalf("Open() = %v, want nil", err)
	}
	m, err := e.Message()
	if err != nil {
		t.Fatalf("Message() = %v, want nil", err)
	}
	return e, m
}

func TestEveryMessageComesBackAsSealed(t *testing.T) {
	list := messages(t)
	if len(list) < 12 {
		t.Fatalf("%d kinds of message, want at least the 12 of the first build", len(list))
	}
	for _, want := range list {
		t.Run(reflect.TypeOf(want).Elem().Name(), func(t *testing.T) {
			b := wire.Seal(7, 9, want, hqKey)
			e, got := open(t, b)
			if e.Terminal != 7 || e.Epoch != 9 || e.Kind != want.Kind() || e.Version != wire.Version {
				t.Errorf("envelope = %+v, want terminal 7, epoch 9, kind %d", e, want.Kind())
			}
			if err := e.Verify(public(hqKey)); err != nil {
				t.Errorf("Verify() = %v, want nil", err)
			}
			if diff := cmp.Diff(want, got, unsent); diff != "" {
				t.Errorf("message (-sealed +read):\n%s", diff)
			}
		})
	}
}

func TestSignatureCoversTheEnvelope(t *testing.T) {
	good, err := wire.Open(wire.Seal(7, 9, &wire.Denied{Code: "denied-code"}, hqKey))
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*wire.Envelope){
		"other-version":   func(e *wire.Envelope) { e.Version++ },
		"other-terminal":  func(e *wire.Envelope) { e.Terminal++ },
		"other-epoch":     func(e *wire.Envelope) { e.Epoch++ },
		"other-kind":      func(e *wire.Envelope) { e.Kind++ },
		"other-body":      func(e *wire.Envelope) { e.Body = append(bytes.Clone(e.Body), 0) },
		"empty-body":      func(e *wire.Envelope) { e.Body = nil },
		"other-signature": func(e *wire.Envelope) { e.Signature[0] ^= 1 },
		"no-signature":    func(e *wire.Envelope) { e.Signature = [ed25519.SignatureSize]byte{} },
	} {
		e := good
		edit(&e)
		if err := e.Verify(public(hqKey)); !errors.Is(err, wire.ErrSignature) {
			t.Errorf("%s: Verify() = %v, want ErrSignature", name, err)
		}
	}
	for name, key := range map[string]ed25519.PublicKey{"other-key": public(boardKey), "no-key": nil, "short-key": public(hqKey)[:31]} {
		if err := good.Verify(key); !errors.Is(err, wire.ErrSignature) {
			t.Errorf("%s: Verify() = %v, want ErrSignature", name, err)
		}
	}
}

func TestWhatIsNoMessageIsRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		b    []byte
		want error
	}{
		{"too-large", make([]byte, wire.MessageBytesMax+1), codec.ErrMalformed},
		{"no-envelope", []byte{0xff}, codec.ErrMalformed},
		{"later-version", codec.Marshal(&wire.Envelope{Version: wire.Version + 1, Kind: wire.KindHello}), wire.ErrVersion},
		{"unknown-kind", codec.Marshal(&wire.Envelope{Version: wire.Version, Kind: 999}), wire.ErrKind},
		{"body-cut-short", codec.Marshal(&wire.Envelope{Version: wire.Version, Kind: wire.KindHello, Body: []byte{0x0a}}), codec.ErrMalformed},
		{"text-too-long", wire.Seal(1, 0, &wire.Denied{Code: strings.Repeat("x", 65)}, nil), codec.ErrMalformed},
		{"too-many-streams", wire.Seal(1, 0, &wire.Hello{Streams: make([]ledger.Head, wire.StreamsMax+1)}, nil), codec.ErrMalformed},
		{"too-many-wants", wire.Seal(1, 0, &wire.Ask{Wants: wants(wire.WantsMax+1, 1)}, nil), codec.ErrMalformed},
		{"want-of-nothing", wire.Seal(1, 0, &wire.Ask{Wants: wants(1, 0)}, nil), codec.ErrMalformed},
		{"want-of-too-much", wire.Seal(1, 0, &wire.Ask{Wants: wants(1, lot.AmountMax+1)}, nil), codec.ErrMalformed},
		{"too-many-entries", wire.Seal(1, 0, &wire.Batch{Entries: make([][]byte, wire.BatchEntriesMax+1)}, nil), codec.ErrMalformed},
		{"too-many-down-entries", wire.Seal(1, 0, &wire.Down{Entries: make([][]byte, wire.DownEntriesMax+1)}, nil), codec.ErrMalformed},
		{"bomb", bomb(t, 16<<20), codec.ErrMalformed},
		{"packed-garbage", wire.Seal(1, 0, &packed{b: []byte("not compressed")}, nil), codec.ErrMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := wire.Open(c.b)
			if err == nil {
				_, err = e.Message()
			}
			if !errors.Is(err, c.want) {
				t.Errorf("Open, Message = %v, want an error that matches %q", err, c.want)
			}
		})
	}
}

func wants(n int, amount lot.Amount) []wire.Want {
	out := make([]wire.Want, n)
	for i := range out {
		out[i] = wire.Want{Asset: "points:green", Amount: amount}
	}
	return out
}

// packed is a batch whose compressed part a test makes by hand.
type packed struct{ b []byte }

func (*packed) Kind() wire.Kind { return wire.KindBatch }

func (p *packed) Fields(c *codec.Coder) { codec.Bytes(c, 5, &p.b, 1<<30) }

// many is a run of one entry many times over: well formed, and far too long.
type many struct{ entry []byte }

func (m *many) Fields(c *codec.Coder) {
	for range wire.BatchEntriesMax {
		codec.Bytes(c, 1, &m.entry, 1<<30)
	}
}

// bomb is a small message that would unpack to many bytes.
func bomb(t testing.TB, size int) []byte {
	t.Helper()
	e, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	plain := codec.Marshal(&many{make([]byte, size/wire.BatchEntriesMax)})
	b := wire.Seal(1, 0, &packed{b: e.EncodeAll(plain, nil)}, nil)
	if len(b) > 16<<10 {
		t.Fatalf("bomb of %d bytes is no bomb", len(b))
	}
	return b
}

func unzstd(t *testing.T, b []byte) []byte {
	t.Helper()
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	plain, err := d.DecodeAll(b, nil)
	if err != nil {
		t.Fatalf("packed entries: %v", err)
	}
	return plain
}

// noise is bytes that do not compress.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{3}).Read(b)
	return b
}

func TestBatchIsCompressedOnlyWhereItPays(t *testing.T) {
	alike := bytes.Repeat([]byte("a sale like the one before. "), 20)
	for _, c := range []struct {
		name    string
		entries [][]byte
		smaller bool
	}{
		{"many-alike", [][]byte{alike, alike, alike, alike}, true},
		{"short", [][]byte{alike[:100]}, false},
		{"noise", [][]byte{noise(20_000)}, false},
		{"noise-of-the-largest-entry", [][]byte{noise(ledger.EntryBytesMax)}, false},
		{"largest-entry-nearly-noise", [][]byte{append(noise(ledger.EntryBytesMax-24), make([]byte, 24)...)}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			size := 0
			for _, e := range c.entries {
				size += len(e)
			}
			b := wire.Seal(1, 0, &wire.Batch{Incarnation: 1, First: 1, Entries: c.entries}, boardKey)
			if smaller := len(b) < size; smaller != c.smaller {
				t.Errorf("Seal(batch of %d bytes) has %d, smaller %v, want %v", size, len(b), smaller, c.smaller)
			}
			if len(b) > wire.MessageBytesMax {
				t.Errorf("Seal(batch) has %d bytes, more than a message may have", len(b))
			}
			_, got := open(t, b)
			if !reflect.DeepEqual(got.(*wire.Batch).Entries, c.entries) {
				t.Error("entries do not come back as they were")
			}
		})
	}
}

// TestLargestEntryFitsItsMessage tries entries of the largest size that are
// noise but for their last bytes, which hardly compress or hardly do not.
func TestLargestEntryFitsItsMessage(t *testing.T) {
	for zeros := range 60 {
		entry := append(noise(ledger.EntryBytesMax-zeros), make([]byte, zeros)...)
		_, got := open(t, wire.Seal(1, 0, &wire.Batch{First: 1, Entries: [][]byte{entry}}, nil))
		if !bytes.Equal(got.(*wire.Batch).Entries[0], entry) {
			t.Errorf("entry that ends with %d zeros does not come back as it was", zeros)
		}
	}
}

func TestTopicsLeadBackToTheirTerminal(t *testing.T) {
	for _, id := range []ledger.TerminalID{1, 17, 64, 4294967295} {
		if got, up, err := wire.TopicOf(wire.UpTopic(id)); err != nil || !up || got != id {
			t.Errorf("TopicOf(%s) = %v, %v, %v, want %v, true", wire.UpTopic(id), got, up, err, id)
		}
		if got, up, err := wire.TopicOf(wire.StateTopic(id)); err != nil || up || got != id {
			t.Errorf("TopicOf(%s) = %v, %v, %v, want %v, false", wire.StateTopic(id), got, up, err, id)
		}
		if b := wire.Bucket(id); b >= wire.Buckets {
			t.Errorf("Bucket(%s) = %d, want less than %d", id, b, wire.Buckets)
		}
	}
	other := (wire.Bucket(1) + 1) % wire.Buckets
	for _, topic := range []string{
		"", "t1", "jifen/v1/up/t1", wire.DownTopic(1), "jifen/v1/up/64/t1", strings.Replace(wire.UpTopic(1), "v1", "v2", 1),
		"jifen/v1/up/" + string(rune('0'+other%10)) + "x/t1", "jifen/v1/state/t01", "jifen/v1/state/t0", wire.UpTopic(1) + "/",
	} {
		if got, up, err := wire.TopicOf(topic); err == nil {
			t.Errorf("TopicOf(%q) = %v, %v, want an error", topic, got, up)
		}
	}
}

// TestBucketsAreWhatTheyWere: terminals and brokers already know their topics.
func TestBucketsAreWhatTheyWere(t *testing.T) {
	for id, want := range map[ledger.TerminalID]string{
		1: "jifen/v1/up/22/t1", 2: "jifen/v1/up/3/t2", 17: "jifen/v1/up/51/t17",
	} {
		if got := wire.UpTopic(id); got != want {
			t.Errorf("UpTopic(%d) = %s, want %s", id, got, want)
		}
	}
}

func TestProofsOfTheCodeAreToldApart(t *testing.T) {
	board, hq := public(boardKey), public(hqKey)
	seen := map[string]string{}
	for name, sum := range map[string][32]byte{
		"enrol":                wire.EnrolMac("code", 1, board),
		"enrol-other-code":     wire.EnrolMac("codf", 1, board),
		"enrol-other-terminal": wire.EnrolMac("code", 2, board),
		"enrol-other-board":    wire.EnrolMac("code", 1, hq),
		"enrolled":             wire.EnrolledMac("code", 1, board, hq),
		"enrolled-other-hq":    wire.EnrolledMac("code", 1, board, board),
		"enrolled-other-board": wire.EnrolledMac("code", 1, hq, hq),
	} {
		if other, ok := seen[string(sum[:])]; ok {
			t.Errorf("%s is the proof of %s", name, other)
		}
		seen[string(sum[:])] = name
	}
	one, other, third := wire.Password("code", 1), wire.Password("code", 2), wire.Password("codf", 1)
	if one == other || one == third || len(one) != 26 || one != wire.Password("code", 1) {
		t.Errorf("passwords %q, %q, %q: want three of 26 characters, each always the same", one, other, third)
	}
}

func FuzzOpen(f *testing.F) {
	for _, m := range messages(f) {
		f.Add(wire.Seal(1, 2, m, hqKey))
	}
	f.Add(wire.Seal(1, 0, &wire.Batch{First: 1, Entries: [][]byte{make([]byte, 4096)}}, boardKey))
	f.Add(bomb(f, 1<<20))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := wire.Open(b)
		if err != nil {
			return
		}
		m, err := e.Message()
		if err != nil {
			return
		}
		again := wire.Seal(e.Terminal, e.Epoch, m, hqKey)
		if len(again) > wire.MessageBytesMax {
			return // it came more tightly packed than it is written
		}
		_, got := open(t, again)
		if diff := cmp.Diff(m, got, unsent); diff != "" {
			t.Errorf("message (-read +read again):\n%s", diff)
		}
	})
}
