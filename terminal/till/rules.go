package till

import (
	"fmt"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/programme"
)

func rulesNote(version string) string { return "rules-" + version }

// rules returns the programme of a version that was in force here once.
func (t *Till) rules(tx journal.Tx, version string) (*programme.Programme, error) {
	if version == t.Programme().Version() {
		return t.Programme(), nil
	}
	text, err := tx.Note(rulesNote(version))
	if err != nil {
		return nil, err
	}
	if text == nil {
		return nil, refuse("return-rules")
	}
	rules, err := programme.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("rules of version %s: %w", version, err)
	}
	return rules, nil
}

// keepRules keeps a programme that comes into force under its version.
func (t *Till) keepRules(p *programme.Programme, text []byte) error {
	name := rulesNote(p.Version())
	known := false
	err := t.o.Journal.View(func(tx journal.Tx) error {
		b, err := tx.Note(name)
		known = b != nil
		return err
	})
	if err != nil || known || len(text) == 0 {
		return err
	}
	return t.o.Journal.Update(func(tx journal.Tx) error { return tx.PutNote(name, text) })
}
