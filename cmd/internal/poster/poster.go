// Package poster makes the sheet that hangs where an activity is: what it is,
// when, what it gives, and the signed code that a till scans to check members
// in (cap M7). It only writes the sheet; who was there stands in the tills'
// journals.
package poster

import (
	"crypto/ed25519"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/devices/receipt/qr"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/token"
	"github.com/jifen-pos/jifen/terminal/words"
)

// hoursMax is how long one sheet is good: who photographs it has little of it.
const hoursMax = 31 * 24

// clock is the form in which a person writes a time.
const clock = "2006-01-02 15:04"

// Errors of Write.
var (
	ErrActivity = errors.New("no such activity in the programme")
	ErrTime     = errors.New("the times do not go together")
)

//go:embed poster.html
var sheet string

// Order is which sheet is to be made.
type Order struct {
	Programme string // file; it stands for what the tills work by
	Key       string // file of HQ's key, which every till of the chain knows
	Activity  string
	From      string // as 2026-11-28 14:00, by the programme's own clock; "" is now
	Until     string // "" is the end of From's day
	Place     string // where it hangs, or ""
	Lang      string
}

// poster is what the sheet is filled from.
type poster struct {
	Order
	Name, Chain string
	Gives       []string
	Code        template.HTML
	Text        string
}

// Write makes a sheet to be printed. Random makes each printing its own, so that
// what was checked in by which sheet can be told apart.
func Write(o Order, now time.Time, random io.Reader, out io.Writer) error {
	key, err := keyfile.Existing(o.Key)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(o.Programme)
	if err != nil {
		return err
	}
	p, err := programme.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", o.Programme, err)
	}
	return fill(p, o, key, now, random, out)
}

func fill(p *programme.Programme, o Order, key ed25519.PrivateKey, now time.Time, random io.Reader, out io.Writer) error {
	a, err := find(p, o.Activity)
	if err != nil {
		return err
	}
	from, until, err := o.times(p, now)
	if err != nil {
		return err
	}
	if !a.Window.Open(p.Moment(from)) {
		return fmt.Errorf("%s does not take place on %s, says the programme: %w", a.ID, from.Format(clock), ErrTime)
	}
	var nonce [8]byte
	if _, err := io.ReadFull(random, nonce[:]); err != nil {
		return fmt.Errorf("draw the number of a sheet: %w", err)
	}
	code, err := token.SealActivity(token.Activity{
		ID: a.ID, Nonce: binary.BigEndian.Uint64(nonce[:]), From: uint32(from.Unix() / 60), Until: uint32(until.Unix() / 60),
	}, key)
	if err != nil {
		return err
	}
	o.From, o.Until = from.Format(clock), until.Format(clock)
	page, err := template.New("poster").Funcs(template.FuncMap{"say": func(code string, args ...string) string { return words.In(o.Lang, code, args...) }}).Parse(sheet)
	if err != nil {
		return err
	}
	return page.Execute(out, poster{
		Order: o, Name: a.Name.In(o.Lang), Chain: p.Name.In(o.Lang), Gives: gives(p, a, o.Lang), Code: template.HTML(qr.SVG(code)), Text: code,
	})
}

func find(p *programme.Programme, id string) (programme.Activity, error) {
	var known []string
	for _, a := range p.Activities {
		if a.ID == id {
			return a, nil
		}
		known = append(known, a.ID)
	}
	return programme.Activity{}, fmt.Errorf("%q: %w, which has %q", id, ErrActivity, known)
}

// times are when a sheet is good, by the programme's clock.
func (o Order) times(p *programme.Programme, now time.Time) (from, until time.Time, err error) {
	from = now.In(p.Location())
	if o.From != "" {
		if from, err = time.ParseInLocation(clock, o.From, p.Location()); err != nil {
			return from, until, fmt.Errorf("%q is no time like %q: %w", o.From, clock, ErrTime)
		}
	}
	until = time.Date(from.Year(), from.Month(), from.Day(), 23, 59, 0, 0, p.Location())
	if o.Until != "" {
		if until, err = time.ParseInLocation(clock, o.Until, p.Location()); err != nil {
			return from, until, fmt.Errorf("%q is no time like %q: %w", o.Until, clock, ErrTime)
		}
	}
	switch {
	case !until.After(from):
		return from, until, fmt.Errorf("it ends at %s, before it begins at %s: %w", until.Format(clock), from.Format(clock), ErrTime)
	case until.Before(now):
		return from, until, fmt.Errorf("%s has passed: %w", until.Format(clock), ErrTime)
	case until.Sub(from) > hoursMax*time.Hour:
		return from, until, fmt.Errorf("a sheet is good for %d days at most: %w", hoursMax/24, ErrTime)
	}
	return from, until, nil
}

// gives is what being there gives, in words.
func gives(p *programme.Programme, a programme.Activity, lang string) (list []string) {
	if a.Points > 0 {
		list = append(list, words.In(lang, "poster-points", fmt.Sprint(a.Points), p.PointsName(a.Asset).In(lang)))
	}
	if c, ok := p.Coupon(a.Coupon); ok && a.Coupon != "" {
		list = append(list, c.Name.In(lang))
	}
	return list
}
