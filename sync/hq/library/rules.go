package library

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Rules are the programmes that HQ itself decides by: what is published, from
// the time on for which it was published, in pilot stores what they have first.
// What of it cannot be read decides nothing: the one before goes on. They keep what
// was told of documents last. They are safe for concurrent use.
type Rules struct {
	first *programme.Programme // of the settings: until something is published

	mu     sync.Mutex
	now    *InForce
	read   map[ledger.Hash]*programme.Programme // nil: it cannot be read
	forgot uint64                               // how often: what was looked up before counts no more
	told   []told                               // documents that terminals fetch, the last ones
}

// InForce is what HQ decides by until a time.
type InForce struct {
	All    *programme.Programme
	pilot  *programme.Programme // nil: no store has another
	stores []string
	heads  []ledger.Document // that were ever in force or will be, the newest first
	until  int64             // unix milliseconds of the next change; 0 is none in sight
}

// In is what is in force in a store.
func (f *InForce) In(store string) *programme.Programme {
	if f.pilot != nil && slices.Contains(f.stores, store) {
		return f.pilot
	}
	return f.All
}

// Parted reports whether some store has another programme than the rest.
func (f *InForce) Parted() bool { return f.pilot != nil }

// NewRules begins with what the settings name.
func NewRules(first *programme.Programme) *Rules {
	return &Rules{first: first, read: map[ledger.Hash]*programme.Programme{}}
}

// Forget is called once a transaction that published something is committed.
func (r *Rules) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now, r.forgot = nil, r.forgot+1
}

// InForce is what HQ decides by at a time.
func (r *Rules) InForce(tx book.Tx, at time.Time) (*InForce, error) {
	r.mu.Lock()
	now, forgot := r.now, r.forgot
	r.mu.Unlock()
	if now != nil && (now.until == 0 || at.UnixMilli() < now.until) {
		return now, nil
	}
	now, err := r.look(tx, at.UnixMilli())
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forgot == forgot {
		r.now = now
	}
	return now, nil
}

// look reads what is published.
func (r *Rules) look(tx book.Tx, at int64) (*InForce, error) {
	what := Kinds[0]
	var texts [3]string
	for n, name := range []string{headMeta(what), pastMeta(what), pilotMeta(what)} {
		var err error
		if texts[n], err = tx.Meta(name); err != nil {
			return nil, err
		}
	}
	f := &InForce{}
	heads := append([]string{texts[0]}, strings.Fields(texts[1])...)
	for _, text := range heads {
		p, err := r.due(tx, f, text, at)
		if err != nil {
			return nil, err
		}
		if f.All == nil {
			f.All = p
		}
	}
	if f.All == nil {
		f.All = r.first
	}
	stores, err := tx.Meta(storesMeta(what))
	if err != nil {
		return nil, err
	}
	f.stores = strings.Fields(stores)
	f.pilot, err = r.due(tx, f, texts[2], at)
	return f, err
}

// due is the programme of a head, or nil where it is not in force yet, or not
// good.
func (r *Rules) due(tx book.Tx, f *InForce, head string, at int64) (*programme.Programme, error) {
	if head == "" {
		return nil, nil
	}
	d, err := readHead(head)
	if err != nil {
		return nil, err
	}
	f.heads = append(f.heads, d)
	if d.From > at {
		if f.until == 0 || d.From < f.until {
			f.until = d.From
		}
		return nil, nil
	}
	return r.parsed(tx, d.Root)
}

func (r *Rules) parsed(tx book.Tx, root ledger.Hash) (*programme.Programme, error) {
	r.mu.Lock()
	p, known := r.read[root]
	r.mu.Unlock()
	if known {
		return p, nil
	}
	text, _, err := stored(tx, root)
	if err != nil {
		return nil, err
	}
	if p, err = programme.Parse(text); err != nil {
		p = nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.read[root] = p
	return p, nil
}

// Version is the programme of a version that is or was published here, or nil.
func (r *Rules) Version(tx book.Tx, at time.Time, version string) (*programme.Programme, error) {
	f, err := r.InForce(tx, at)
	if err != nil {
		return nil, err
	}
	for _, p := range []*programme.Programme{f.All, f.pilot, r.first} {
		if p != nil && p.Version() == version {
			return p, nil
		}
	}
	for _, d := range f.heads {
		if d.Version == version {
			return r.parsed(tx, d.Root)
		}
	}
	return nil, nil
}
