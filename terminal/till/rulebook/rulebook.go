// Package rulebook keeps each programme that was in force at a terminal, under its
// version: goods come back under the rules of their sale.
package rulebook

import (
	"fmt"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

func note(version string) string { return "rules-" + version }

// Find returns the programme of a version: the one in force, or one that was.
func Find(tx journal.Tx, now *programme.Programme, version string) (*programme.Programme, error) {
	if version == now.Version() {
		return now, nil
	}
	text, err := tx.Note(note(version))
	if err != nil {
		return nil, err
	}
	if text == nil {
		return nil, view.Refuse("return-rules")
	}
	rules, err := programme.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("rules of version %s: %w", version, err)
	}
	return rules, nil
}

// Keep keeps the text of a programme that comes into force.
func Keep(j journal.Journal, p *programme.Programme, text []byte) error {
	name, known := note(p.Version()), false
	err := j.View(func(tx journal.Tx) error {
		b, err := tx.Note(name)
		known = b != nil
		return err
	})
	if err != nil || known || len(text) == 0 {
		return err
	}
	return j.Update(func(tx journal.Tx) error { return tx.PutNote(name, text) })
}
