package ledger_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/quota"
)

// story is a chain of entries and what it starts from.
type story struct {
	terminal    ledger.TerminalID
	incarnation ledger.Incarnation
	parent      ledger.Head
	entries     [][]byte
}

func (s story) head() ledger.Hash {
	h := ledger.Genesis(s.terminal, s.incarnation, s.parent)
	for _, e := range s.entries {
		h = h.Next(e)
	}
	return h
}

func tell() story {
	return story{1, 2, ledger.Head{Incarnation: 3, Seq: 4, Hash: ledger.Hash{5}}, [][]byte{{1, 2}, {3}, {4, 5, 6}, {7}}}
}

func TestChainTellsStoriesApart(t *testing.T) {
	same := tell()
	if got, want := same.head(), tell().head(); got != want {
		t.Fatalf("head of the same story = %x, want %x", got, want)
	}
	seen := map[ledger.Hash]string{tell().head(): "the story itself"}
	for name, edit := range map[string]func(*story){
		"changed-byte":          func(s *story) { s.entries[1][0] ^= 1 },
		"swapped-pair":          func(s *story) { s.entries[1], s.entries[2] = s.entries[2], s.entries[1] },
		"dropped-entry":         func(s *story) { s.entries = append(s.entries[:1], s.entries[2:]...) },
		"dropped-end":           func(s *story) { s.entries = s.entries[:3] },
		"empty-entry-added":     func(s *story) { s.entries = append(s.entries, nil) },
		"doubled-entry":         func(s *story) { s.entries = append(s.entries, s.entries[3]) },
		"border-moved":          func(s *story) { s.entries[0], s.entries[1] = []byte{1}, []byte{2, 3} },
		"two-joined":            func(s *story) { s.entries = [][]byte{{1, 2, 3}, {4, 5, 6}, {7}} },
		"other-terminal":        func(s *story) { s.terminal++ },
		"other-incarnation":     func(s *story) { s.incarnation++ },
		"parent-of-another":     func(s *story) { s.parent.Incarnation++ },
		"parent-one-longer":     func(s *story) { s.parent.Seq++ },
		"parent-of-other-bytes": func(s *story) { s.parent.Hash[31] ^= 0x80 },
		"no-parent":             func(s *story) { s.parent = ledger.Head{} },
	} {
		s := tell()
		edit(&s)
		if other, ok := seen[s.head()]; ok {
			t.Errorf("%s has the head of %s", name, other)
		}
		seen[s.head()] = name
	}
}

// TestChainIsWhatItWas holds one chain against numbers written down once: stored
// journals depend on them.
func TestChainIsWhatItWas(t *testing.T) {
	const want = "0000000000000002/4/55f2d3e3"
	if got := (ledger.Head{Incarnation: 2, Seq: 4, Hash: tell().head()}).String(); got != want {
		t.Errorf("head = %s, want %s", got, want)
	}
}

func TestSignedTextTellsHeadsApart(t *testing.T) {
	h := ledger.Head{Incarnation: 1, Seq: 2, Hash: ledger.Hash{3}}
	seen := map[string]string{string(h.Signed(1)): "the head itself"}
	for name, text := range map[string][]byte{
		"other-terminal":    h.Signed(2),
		"other-incarnation": ledger.Head{Incarnation: 2, Seq: 2, Hash: ledger.Hash{3}}.Signed(1),
		"other-number":      ledger.Head{Incarnation: 1, Seq: 3, Hash: ledger.Hash{3}}.Signed(1),
		"other-hash":        ledger.Head{Incarnation: 1, Seq: 2, Hash: ledger.Hash{4}}.Signed(1),
	} {
		if other, ok := seen[string(text)]; ok {
			t.Errorf("%s is signed like %s", name, other)
		}
		seen[string(text)] = name
	}
}

func TestHeadComesBackAsWritten(t *testing.T) {
	want := ledger.Head{Incarnation: 1 << 63, Seq: 77, Hash: ledger.Hash{0: 1, 31: 2}}
	var got ledger.Head
	if err := codec.Unmarshal(codec.Marshal(&want), &got); err != nil || got != want {
		t.Errorf("head = %v, %v, want %v", got, err, want)
	}
}

func TestTerminalIDs(t *testing.T) {
	for _, id := range []ledger.TerminalID{1, 17, 4294967295} {
		if got, err := ledger.ParseTerminalID(id.String()); err != nil || got != id {
			t.Errorf("ParseTerminalID(%s) = %v, %v, want %v", id, got, err, id)
		}
	}
	for _, s := range []string{"", "t", "t0", "t01", "17", "T17", "t-1", "t+1", "t4294967296", "t1 ", " t1"} {
		if got, err := ledger.ParseTerminalID(s); err == nil {
			t.Errorf("ParseTerminalID(%q) = %v, want an error", s, got)
		}
	}
}

func TestOriginNamesAnEntry(t *testing.T) {
	got := ledger.Origin(7, 8, 9)
	if want := (lot.Origin{Terminal: 7, Incarnation: 8, Seq: 9}); got != want {
		t.Errorf("Origin(7, 8, 9) = %v, want %v", got, want)
	}
}

// A birthday is once a year each, a member's and every child's (cap M5); any
// other reason once.
func TestBirthdaysAreOnceAYear(t *testing.T) {
	day := lot.Day(20821) // 2027-01-03
	for reason, want := range map[string]lot.Asset{
		"birthday": "quota:birthday:2027", "birthday-c1": "quota:birthday-c1:2027", "welcome": "quota:welcome:once",
	} {
		if got := quota.Reason(reason, day).Asset; got != want {
			t.Errorf("ReasonQuota(%s): got %s, want %s", reason, got, want)
		}
	}
}
