// Package publishtool is how a person publishes a programme at HQ, takes one
// back and sees how far it has got: the operator's tool asks over HQ's control
// socket, and HQ checks the document itself before anything is told to a
// terminal. Nothing that is faulty or not fair goes out, but for what a named
// person lets stand with a reason; some of that nobody can.
package publishtool

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/control"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/programme/fair"
)

// Errors that callers match.
var (
	ErrUnfair  = errors.New("not to be published")
	ErrVersion = errors.New("its version must be higher than that in force")
	ErrDraft   = errors.New("not the draft that was checked")
)

// draftsDir is where the tool lays a draft for HQ, by the hash of its bytes: a
// request is one short line.
const draftsDir = "drafts"

// patience is how long the tool waits for HQ.
const patience = 30 * time.Second

// request asks HQ for one thing.
type request struct {
	Publish  string    `json:"publish,omitempty"` // hash of a draft
	From     time.Time `json:"from"`
	Stores   []string  `json:"stores,omitempty"`
	RollBack bool      `json:"roll_back,omitempty"`
	Override bool      `json:"override,omitempty"`
	By       string    `json:"by,omitempty"`
	Reason   string    `json:"reason,omitempty"`
}

// Reply is what became of it.
type Reply struct {
	Version  string   // in force, or from then on
	Findings []string // of the document, in both languages
	Adoption []library.Adoption
}

// Desk answers the tool at HQ.
type Desk struct {
	HQ   *hq.HQ
	Book book.Book
	Data string
	Log  *slog.Logger
}

// Do does what a request asks for.
func (d *Desk) Do(_ context.Context, raw json.RawMessage) (any, error) {
	var r request
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, err
	}
	var out Reply
	var err error
	by := hq.By{Actor: r.By, Reason: r.Reason}
	switch {
	case r.Publish != "":
		err = d.publish(r, by, &out)
		d.Log.Info("programme published", "draft", r.Publish, "version", out.Version, "stores", r.Stores, "by", r.By, "override", r.Override, "error", err)
	case r.RollBack:
		head, back := d.HQ.RollBack("programme", by)
		out.Version, err = head.Version, back
		d.Log.Info("programme rolled back", "version", out.Version, "by", r.By, "error", err)
	}
	if err != nil {
		return nil, err
	}
	out.Adoption, err = library.Adopted(d.Book)
	return out, err
}

func (d *Desk) publish(r request, by hq.By, out *Reply) error {
	if r.Publish != filepath.Base(r.Publish) {
		return ErrDraft
	}
	text, err := os.ReadFile(filepath.Join(d.Data, draftsDir, r.Publish))
	if err != nil {
		return err
	}
	if fmt.Sprintf("%x", sha256.Sum256(text)) != r.Publish {
		return ErrDraft
	}
	p, overridden, err := d.check(text, r, out)
	if err != nil {
		return err
	}
	out.Version = p.Version()
	return d.HQ.Release(library.Release{What: "programme", Version: p.Version(), Bytes: text, From: r.From, Stores: r.Stores, Overridden: overridden}, by)
}

// check reads a draft as a terminal would, and holds it against the law and
// against what is in force.
func (d *Desk) check(text []byte, r request, out *Reply) (p *programme.Programme, overridden []string, err error) {
	p, marks, err := programme.ParseMarked(text)
	if err != nil {
		return nil, nil, err
	}
	found := fair.Lint(p, marks)
	now, _, err := library.Published(d.Book, "programme")
	if err != nil {
		return nil, nil, err
	}
	if old, err := programme.Parse(now); err == nil && old.Version() != p.Version() {
		if p.Number <= old.Number {
			return nil, nil, fmt.Errorf("version %d, in force is %d: %w", p.Number, old.Number, ErrVersion)
		}
		found = append(found, fair.Changed(old, p, marks, p.Day(time.Now()))...)
	}
	if err := d.goods(p); err != nil {
		return nil, nil, err
	}
	var unfair []string
	for _, f := range found {
		say := f.Say()
		out.Findings = append(out.Findings, say)
		switch {
		case f.Severity == fair.Warning:
		case f.Severity == fair.Error && r.Override:
			overridden = append(overridden, f.Rule)
		default:
			unfair = append(unfair, say)
		}
	}
	if len(unfair) > 0 {
		return p, nil, fmt.Errorf("%w:\n%s", ErrUnfair, strings.Join(unfair, "\n"))
	}
	return p, overridden, nil
}

// goods looks for products of merchants that a draft no longer has: terminals
// would refuse it.
func (d *Desk) goods(p *programme.Programme) error {
	csv, _, err := library.Published(d.Book, "products")
	if err != nil || csv == nil {
		return err
	}
	products, err := programme.ParseProducts(csv)
	if err != nil {
		return nil // what is published is not the draft's fault
	}
	return products.Check(p)
}

// Asked is what a person asks for at the tool.
type Asked struct {
	Data     string // HQ's data folder
	File     string
	From     string // 2027-03-01T04:00+08:00; "" is at once
	Stores   string // with commas; "" is all
	By       string
	Reason   string
	Override bool
}

// Publish has HQ publish a document.
func Publish(ctx context.Context, a Asked) (Reply, error) {
	text, err := os.ReadFile(a.File)
	if err != nil {
		return Reply{}, err
	}
	r := request{Publish: fmt.Sprintf("%x", sha256.Sum256(text)), By: a.By, Reason: a.Reason, Override: a.Override}
	if a.From != "" {
		if r.From, err = time.Parse("2006-01-02T15:04Z07:00", a.From); err != nil {
			return Reply{}, err
		}
	}
	if a.Stores != "" {
		r.Stores = strings.Split(a.Stores, ",")
	}
	folder := filepath.Join(a.Data, draftsDir)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Reply{}, err
	}
	draft := filepath.Join(folder, r.Publish)
	if err := os.WriteFile(draft, text, 0o600); err != nil {
		return Reply{}, err
	}
	out, err := ask(ctx, a.Data, r)
	return out, errors.Join(err, os.Remove(draft))
}

// RollBack has HQ take the newest programme back.
func RollBack(ctx context.Context, a Asked) (Reply, error) {
	return ask(ctx, a.Data, request{RollBack: true, By: a.By, Reason: a.Reason})
}

// Adoption asks HQ how far the newest programme has got.
func Adoption(ctx context.Context, data string) (Reply, error) { return ask(ctx, data, request{}) }

func ask(ctx context.Context, data string, r request) (out Reply, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = control.Ask(ctx, data, r, &out)
	return out, err
}
