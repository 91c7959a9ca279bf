package press

import (
	"errors"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/slip"
)

// ErrNoGame says that the programme in force has no such game.
var ErrNoGame = errors.New("no such game")

// Notice queues a paper that the shop puts up: the rules of its points or, with
// a game's id, those of that draw (laws L10 and L15). It says what is in force
// now. It moves no right, so that the journal has no word of it.
func (p *Press) Notice(by clerk.By, game string) error {
	shop, kind := p.today(), slip.Rules
	now := p.o.Now()
	at := slip.Moment{Wall: now.Wall, Clock: now.Quality}
	d := shop.Rules(at)
	if game != "" {
		g, ok := shop.Programme.Game(game)
		if !ok {
			return ErrNoGame
		}
		kind, d = slip.Game, shop.Game(at, g)
	}
	j := printjob.Job{Kind: kind, Lane: by.Lane, State: printjob.Queued, Attempt: 1}
	if err := j.Keep(*d); err != nil {
		return err
	}
	err := p.o.Journal.Update(func(tx journal.Tx) error {
		ids, _, err := tx.Jobs(1)
		if err != nil {
			return err
		}
		j.ID = 1
		if len(ids) > 0 {
			j.ID = ids[0] + 1
		}
		return printjob.Put(tx, j)
	})
	if err != nil {
		return err
	}
	p.putLast(j.ID)
	p.changed()
	return nil
}
