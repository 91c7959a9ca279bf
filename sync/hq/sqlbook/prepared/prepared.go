// Package prepared keeps the prepared statements of a pool of connections, and makes
// the texts of inserts. It knows no table.
package prepared

import (
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Statements are the prepared statements of one pool, by text. The texts are
// constants and few sizes of inserts, so that their number is bounded.
type Statements struct {
	db    *sql.DB
	mu    sync.Mutex
	ready map[string]*sql.Stmt
	made  map[Insertion]string
}

// Insertion is what the text of an insert is made of: rows of so many columns between
// a head and a tail. More is the last column of each row where it is no value: a text in
// which $%d stands for a value.
type Insertion struct {
	Head, More, Tail string
	Rows, Columns    int
}

// New is an empty set.
func New(db *sql.DB) *Statements {
	return &Statements{db: db, ready: map[string]*sql.Stmt{}, made: map[Insertion]string{}}
}

// Insertion is the text of an insert, in which an engine names its places. It is made once: a batch asks for some of
// them dozens of times.
func (s *Statements) Insertion(i Insertion, place func(n int) string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, ok := s.made[i]
	if !ok {
		text = i.Head + Values(i.Rows, i.Columns, i.More, place) + i.Tail
		s.made[i] = text
	}
	return text
}

// Find is the statement of a text, or nil.
func (s *Statements) Find(text string) *sql.Stmt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ready[text]
}

// Learn prepares texts. It must not be called inside a transaction, which may
// have the only connection. What cannot be prepared is tried again when it is
// next missed.
func (s *Statements) Learn(texts []string) {
	for _, text := range texts {
		if s.Find(text) != nil {
			continue
		}
		stmt, err := s.db.Prepare(text)
		if err != nil {
			return
		}
		s.keep(text, stmt)
	}
}

func (s *Statements) keep(text string, stmt *sql.Stmt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready[text] != nil {
		_ = stmt.Close()
		return
	}
	s.ready[text] = stmt
}

// Close lets go of them.
func (s *Statements) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, stmt := range s.ready {
		err = errors.Join(err, stmt.Close())
	}
	clear(s.ready)
	return err
}

// Values writes the places of rows: ($1, $2), ($3, $4).
func Values(rows, columns int, more string, place func(n int) string) string {
	var b strings.Builder
	n := 0
	next := func() string { n++; return place(n) }
	for row := range rows {
		if row > 0 {
			b.WriteString(", ")
		}
		for column := range columns {
			b.WriteString([]string{"(", ", "}[min(column, 1)])
			b.WriteString(next())
		}
		for rest := more; rest != ""; {
			before, after, found := strings.Cut(rest, "$%d")
			b.WriteString(before)
			if found {
				b.WriteString(next())
			}
			rest = after
		}
		b.WriteString(")")
	}
	return b.String()
}

// TurnMax is how many names one statement asks for, so that one text does for any
// number of them.
const TurnMax = 32

// TurnPlaces are the places of a turn: $1, $2 and so on.
var TurnPlaces = strings.Trim(Values(1, TurnMax, "", Numbered), "()")

// InTurns cuts names into lists of TurnMax, in order and each once; the last one
// is filled up with its own first name.
func InTurns(names []any) (turns [][]any) {
	var list []any
	seen := map[any]bool{}
	for _, name := range names {
		if !seen[name] {
			seen[name], list = true, append(list, name)
		}
	}
	for some := range slices.Chunk(list, TurnMax) {
		some = slices.Clone(some)
		for len(some) < TurnMax {
			some = append(some, some[0])
		}
		turns = append(turns, some)
	}
	return turns
}

// Numbered names the n-th value as all engines understand it.
func Numbered(n int) string { return "$" + strconv.Itoa(n) }
