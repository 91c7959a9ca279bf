// Package model holds what is known of printers as TOML: the models that come
// with Jifen, and how to read the file of another one.
//
// Each fact says where it comes from, so that an installer knows what to try
// first when a paper looks wrong. It reads no file and asks no printer.
package model

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/jifen-pos/jifen/devices/escpos"
)

// MaxFile is the largest file of a model in bytes.
const MaxFile = 16 << 10

// Errors of Parse and Find.
var (
	ErrModel   = errors.New("printer model is not valid")
	ErrUnknown = errors.New("printer model is not known")
)

// Origin says where a fact of a model comes from.
type Origin string

// The origins, the most certain first.
const (
	Probed     Origin = "probed"     // seen on a real printer, by us or by a report that the note names
	Documented Origin = "documented" // a manual says so
	Assumed    Origin = "assumed"    // most printers of its kind do so
)

// Model is a kind of printer.
type Model struct {
	Profile escpos.Profile
	Note    string            // for people: what it is, and the sources of the facts
	From    map[string]Origin // by the name of the fact in the file; what is missing is Assumed
}

// file is a model as it is written. Unknown keys are refused.
type file struct {
	Name        string            `toml:"name"`
	Note        string            `toml:"note"`
	Dots        int               `toml:"dots"`
	Columns     int               `toml:"columns"`
	FeedLines   int               `toml:"feed_lines"`
	Cutter      bool              `toml:"cutter"`
	BackChannel bool              `toml:"back_channel"`
	Proof       escpos.Proof      `toml:"proof"`
	Encoding    escpos.Encoding   `toml:"encoding"`
	From        map[string]Origin `toml:"from"`
}

// facts are the keys of which From may tell.
var facts = []string{"dots", "columns", "feed_lines", "cutter", "back_channel", "proof", "encoding"}

// Parse reads the file of a model.
func Parse(text []byte) (Model, error) {
	if len(text) > MaxFile {
		return Model{}, fmt.Errorf("%d bytes: %w", len(text), ErrModel)
	}
	var f file
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&f); err != nil {
		return Model{}, fmt.Errorf("%w: %s", ErrModel, describe(err))
	}
	m := Model{Note: strings.TrimSpace(f.Note), From: f.From, Profile: escpos.Profile{
		Name: f.Name, Dots: f.Dots, Columns: f.Columns, FeedLines: f.FeedLines, Cutter: f.Cutter,
		BackChannel: f.BackChannel, Proof: f.Proof, Encoding: f.Encoding,
	}}
	if m.Profile.Proof == "" {
		m.Profile.Proof = escpos.ProofNone
	}
	if m.Profile.Encoding == "" {
		m.Profile.Encoding = escpos.GBK
	}
	return m, m.check()
}

func (m Model) check() error {
	if m.Profile.Name == "" || strings.Trim(m.Profile.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("name %q: small letters, digits and hyphens only: %w", m.Profile.Name, ErrModel)
	}
	for _, fact := range slices.Sorted(maps.Keys(m.From)) {
		origin := m.From[fact]
		if !slices.Contains(facts, fact) {
			return fmt.Errorf("from.%s is no fact of a printer: %w", fact, ErrModel)
		}
		if origin != Probed && origin != Documented && origin != Assumed {
			return fmt.Errorf("from.%s = %q, not probed, documented or assumed: %w", fact, origin, ErrModel)
		}
	}
	if m.Profile.Proof != escpos.ProofNone && !m.Profile.BackChannel {
		return fmt.Errorf("proof %q without a back channel: %w", m.Profile.Proof, ErrModel)
	}
	return m.Profile.Check()
}

// describe says where a TOML fault is.
func describe(err error) string {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		names := make([]string, len(strict.Errors))
		for i, e := range strict.Errors {
			names[i] = strings.Join(e.Key(), ".")
		}
		return "unknown key " + strings.Join(names, ", ")
	}
	var fault *toml.DecodeError
	if errors.As(err, &fault) {
		line, _ := fault.Position()
		return fmt.Sprintf("line %d: %v", line, fault)
	}
	return err.Error()
}

// Origin says where a fact comes from.
func (m Model) Origin(fact string) Origin {
	if origin, told := m.From[fact]; told {
		return origin
	}
	return Assumed
}

//go:embed models/*.toml
var models embed.FS

// Find returns the model of that name among those that come with Jifen.
func Find(name string) (Model, error) {
	if strings.ContainsAny(name, "/.") {
		return Model{}, fmt.Errorf("%q: %w", name, ErrUnknown)
	}
	text, err := models.ReadFile("models/" + name + ".toml")
	if err != nil {
		return Model{}, fmt.Errorf("%q is none of %s: %w", name, strings.Join(Names(), ", "), ErrUnknown)
	}
	return Parse(text)
}

// Names lists the models that come with Jifen.
func Names() []string {
	entries, err := models.ReadDir("models")
	if err != nil {
		return nil // they are part of the program
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".toml"))
	}
	return names
}
