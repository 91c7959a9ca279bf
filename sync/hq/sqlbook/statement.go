package sqlbook

import (
	"database/sql"
	"errors"
	"sync"
)

// statements are the prepared statements of one pool, by text. The texts are
// constants and few sizes of inserts, so that their number is bounded.
type statements struct {
	db    *sql.DB
	mu    sync.Mutex
	ready map[string]*sql.Stmt
	made  map[insertion]string
}

// insertion is what the text of an insert is made of.
type insertion struct {
	head, more, tail string
	rows, columns    int
}

func newStatements(db *sql.DB) *statements {
	return &statements{db: db, ready: map[string]*sql.Stmt{}, made: map[insertion]string{}}
}

// insertion is the text of an insert. It is made once: a batch asks for some of
// them dozens of times.
func (s *statements) insertion(i insertion, place func(n int) string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, ok := s.made[i]
	if !ok {
		text = i.head + values(i.rows, i.columns, i.more, place) + i.tail
		s.made[i] = text
	}
	return text
}

func (s *statements) find(text string) *sql.Stmt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ready[text]
}

// learn prepares texts. It must not be called inside a transaction, which may
// have the only connection. What cannot be prepared is tried again when it is
// next missed.
func (s *statements) learn(texts []string) {
	for _, text := range texts {
		if s.find(text) != nil {
			continue
		}
		stmt, err := s.db.Prepare(text)
		if err != nil {
			return
		}
		s.keep(text, stmt)
	}
}

func (s *statements) keep(text string, stmt *sql.Stmt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready[text] != nil {
		_ = stmt.Close()
		return
	}
	s.ready[text] = stmt
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, stmt := range s.ready {
		err = errors.Join(err, stmt.Close())
	}
	clear(s.ready)
	return err
}
