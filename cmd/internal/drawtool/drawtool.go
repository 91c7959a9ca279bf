// Package drawtool is what people do with the batches of a game: seal one before
// its first play, collect what was played, publish the seed, and check a
// finished one.
package drawtool

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jifen-pos/jifen/cmd/internal/past"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// ErrDraw says that a draw was not what was published; why has been said.
var ErrDraw = errors.New("the draw is not as it was published")

// SeedEnding is put behind a batch's file name for the file of its seed, which
// nobody may see before the batch is finished.
const SeedEnding = ".seed"

// Seal makes a batch of a game for a terminal: its file, which is published, and
// beside it the file of its seed. It never writes over either.
func Seal(document, gameID, id, terminal, path string, random io.Reader) error {
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	p, err := programme.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", document, err)
	}
	g, ok := p.Game(gameID)
	if !ok {
		return fmt.Errorf("%s has no game %q", document, gameID)
	}
	where, err := ledger.ParseTerminalID(terminal)
	if err != nil {
		return err
	}
	var seed game.Seed
	if _, err := io.ReadFull(random, seed[:]); err != nil {
		return fmt.Errorf("draw a seed: %w", err)
	}
	b := game.NewBatch(p, &g, id, uint32(where))
	a := game.NewArchive(&b, b.Seal(seed))
	batch, err := a.Encode()
	if err != nil {
		return err
	}
	if err := create(path+SeedEnding, []byte(hex.EncodeToString(seed[:])+"\n"), 0o600); err != nil {
		return err
	}
	return create(path, batch, 0o644)
}

func create(path string, text []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// Collect writes a batch with everything that a ledger says was played of it,
// and with its seed if it is to be published.
func Collect(ledgerPath, path, seedPath string, out io.Writer) error {
	a, err := read(path)
	if err != nil {
		return err
	}
	a.Results = nil
	err = past.Entries(ledgerPath, func(o lot.Origin, e *ledger.Entry) error {
		a.Take(o.String(), e.Body)
		return nil
	})
	if err != nil {
		return err
	}
	if seedPath != "" {
		text, err := os.ReadFile(seedPath)
		if err != nil {
			return err
		}
		a.Seed = strings.TrimSpace(string(text))
	}
	text, err := a.Encode()
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}

func read(path string) (game.Archive, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return game.Archive{}, err
	}
	a, err := game.ReadArchive(text)
	if err != nil {
		return a, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// Verify checks a batch whose seed is published, and says what was drawn beside
// what the table promised, in both languages.
func Verify(path string, out io.Writer) error {
	a, err := read(path)
	if err != nil {
		return err
	}
	v, err := a.Verify()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	fmt.Fprintf(out, "%s %s · t%d · %s\n", a.Game, a.Batch, a.Terminal, a.Programme)
	for _, p := range a.Prizes {
		fmt.Fprintf(out, "  %-32s 公布 published %7d   抽出 drawn %7d\n", p.Prize, p.Count, v.Drawn[p.Prize])
	}
	for _, f := range v.Faults {
		fmt.Fprintf(out, "  %s\n  %s\n", f.ZH, f.EN)
	}
	switch {
	case len(v.Faults) > 0:
		return fmt.Errorf("%s: %w", path, ErrDraw)
	case v.Finished:
		_, err = fmt.Fprintf(out, "全部 %d 张与公布一致\nall %d tickets are as published\n", v.Tickets, v.Tickets)
	default:
		_, err = fmt.Fprintf(out, "已抽 %d 张与公布一致，还剩 %d 张\n%d tickets are as published, %d are left\n", v.Played, v.Tickets-v.Played, v.Played, v.Tickets-v.Played)
	}
	return err
}
