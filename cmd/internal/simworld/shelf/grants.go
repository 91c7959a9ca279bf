package shelf

import (
	"bytes"
	"maps"
)

// Grants is a grant log in memory, which does not fail together with the book.
type Grants struct {
	first uint64
	list  [][]byte

	documents map[string][]byte

	// Fault is asked once before records are written and once after; nil is a log
	// that never fails.
	Fault func(at Moment) error
}

// Span are the numbers of the first and the newest record.
func (g *Grants) Span() (first, last uint64, err error) {
	if len(g.list) == 0 {
		return 0, 0, nil
	}
	return g.first, g.first + uint64(len(g.list)) - 1, nil
}

// Append adds records.
func (g *Grants) Append(first uint64, records [][]byte) error {
	if len(g.list) > 0 && first != g.first+uint64(len(g.list)) {
		return errOrder
	}
	if err := g.at(BeforeLog); err != nil {
		return err
	}
	if len(g.list) == 0 {
		g.first = first
	}
	for _, r := range records {
		g.list = append(g.list, bytes.Clone(r))
	}
	return g.at(AfterLog)
}

func (g *Grants) at(m Moment) error {
	if g.Fault == nil {
		return nil
	}
	return g.Fault(m)
}

// Records lists records after a number.
func (g *Grants) Records(after uint64, limit int) ([][]byte, error) {
	from := 0
	if len(g.list) > 0 && after >= g.first {
		from = int(min(after-g.first+1, uint64(len(g.list))))
	}
	return g.list[from:min(from+limit, len(g.list))], nil
}

// KeepDocument keeps a document beside the records.
func (g *Grants) KeepDocument(name string, b []byte) error {
	if g.documents == nil {
		g.documents = map[string][]byte{}
	}
	g.documents[name] = bytes.Clone(b)
	return nil
}

// Document is one of them, or nil.
func (g *Grants) Document(name string) ([]byte, error) { return g.documents[name], nil }

// Copy is the log as it is, for somebody else to go on with.
func (g *Grants) Copy() *Grants {
	return &Grants{first: g.first, list: g.list[:len(g.list):len(g.list)], documents: maps.Clone(g.documents)}
}
