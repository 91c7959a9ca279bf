package drawtool

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/control"
	"github.com/jifen-pos/jifen/sync/hq/dealing"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// drawsDir is where HQ lays batches for the tool: an answer is one short line.
const drawsDir = "draws"

// patience is how long the tool waits for HQ, which may have to look through
// all entries of a terminal.
const patience = 2 * time.Minute

// Request asks HQ for its batches, or for one of them.
type Request struct {
	Game  string `json:"game,omitempty"`
	Batch string `json:"batch,omitempty"`
}

type asked struct {
	Draw *Request `json:"draw"`
}

type reply struct {
	Draws []dealing.Draw `json:"draws,omitempty"`
	File  string         `json:"file,omitempty"`
}

// Desk answers the tool at HQ.
type Desk struct {
	dealing.Public
	Data string
}

// Do does what a request asks for.
func (d *Desk) Do(r *Request) (any, error) {
	if r.Batch == "" {
		list, err := d.Public.Draws()
		return reply{Draws: list[max(len(list)-listedMax, 0):]}, err
	}
	a, err := d.Public.Draw(r.Game, r.Batch)
	if err != nil {
		return nil, err
	}
	text, err := a.Encode()
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(d.Data, drawsDir)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%s.%s.json", a.Game, a.Batch)
	return reply{File: name}, os.WriteFile(filepath.Join(folder, name), text, 0o600)
}

// listedMax bounds the batches that one answer lists: the newest.
const listedMax = 200

// List tells which batches HQ has dealt and how far they are.
func List(ctx context.Context, data string, out io.Writer) error {
	var r reply
	if err := ask(ctx, data, Request{}, &r); err != nil {
		return err
	}
	for _, d := range r.Draws {
		state := "密封 sealed"
		if d.Revealed != 0 {
			state = "已公布 revealed " + lot.Day(d.Revealed).String()
		}
		fmt.Fprintf(out, "%-12s %-24s %-6s %s  已抽 played %d/%d  %s\n    封条 seal %s\n", d.Game, d.Batch, d.Terminal, d.Sealed, d.Played, d.Tickets, state, d.Seal)
	}
	return nil
}

// Fetch writes a batch as anybody may have it.
func Fetch(ctx context.Context, data, game, batch string, out io.Writer) error {
	var r reply
	if err := ask(ctx, data, Request{Game: game, Batch: batch}, &r); err != nil {
		return err
	}
	path := filepath.Join(data, drawsDir, filepath.Base(r.File))
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return err
	}
	return os.Remove(path)
}

func ask(ctx context.Context, data string, r Request, out *reply) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return control.Ask(ctx, data, asked{Draw: &r}, out)
}
