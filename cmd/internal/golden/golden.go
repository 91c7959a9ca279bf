// Package golden runs scenarios that a shop manager can read: what the documents
// say, who buys what and when, and what then happens: the quote with its
// reasons, the entry, the paper. Each capability of the programme has its own
// file. The same files are run on every kind of board, so that a till and HQ
// are seen to work out the same.
package golden

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Scenario is one file: its title, what is given, and what is wanted.
type Scenario struct {
	Title string
	rules *programme.Programme
	goods *programme.Products
	file  *txtar.Archive
	base  []byte
}

// section is one part of a file, "" if it has none of the name.
func (s *Scenario) section(name string) (string, bool) {
	for _, f := range s.file.Files {
		if f.Name == name {
			return string(f.Data), true
		}
	}
	return "", false
}

// Read reads a scenario. Its programme.yaml stands in for the keys of the base
// that it names.
func Read(text, base, products []byte) (*Scenario, error) {
	s := &Scenario{file: txtar.Parse(text), base: base}
	s.Title = strings.TrimSpace(string(s.file.Comment))
	own, _ := s.section("programme.yaml")
	var err error
	if s.rules, err = programme.Parse(merged(base, own)); err != nil {
		return s, fmt.Errorf("programme.yaml:\n%w", err)
	}
	s.goods, err = programme.ParseProducts(products)
	return s, err
}

// merged is a document with some of its keys said anew.
func merged(base []byte, own string) []byte {
	parts, order := keys(string(base))
	more, names := keys(own)
	for _, n := range names {
		if _, known := parts[n]; !known {
			order = append(order, n)
		}
		parts[n] = more[n]
	}
	var out bytes.Buffer
	for _, n := range order {
		out.WriteString(parts[n])
	}
	return out.Bytes()
}

// keys cuts a document at its top-level keys.
func keys(text string) (parts map[string]string, order []string) {
	parts = map[string]string{}
	name := ""
	for _, line := range strings.SplitAfter(text, "\n") {
		if key, _, ok := strings.Cut(line, ":"); ok && key != "" && !strings.ContainsAny(key[:1], " #-\"") {
			name = key
			order = append(order, name)
		}
		if name != "" {
			parts[name] += line
		}
	}
	return parts, order
}

// sections are the parts that are wanted, and what works each out.
var sections = []struct {
	name string
	make func(*Scenario, *facts, *strings.Builder) error
}{
	{"quote", (*Scenario).quote},
	{"best use", (*Scenario).best},
	{"entry", (*Scenario).entry},
	{"receipt", (*Scenario).receipt},
	{"return", (*Scenario).comeback},
	{"lint", (*Scenario).lint},
	{"changed", (*Scenario).changed},
	{"play", (*Scenario).play},
	{"tasks", (*Scenario).tasks},
	{"tier", (*Scenario).tier},
	{"gives", (*Scenario).gives},
	{"choices", (*Scenario).choices},
	{"prices", (*Scenario).prices},
	{"due", (*Scenario).due},
	{"member", (*Scenario).known},
	{"handed out", (*Scenario).handed},
	{"transfer", (*Scenario).transfer},
	{"redeem", (*Scenario).redeem},
	{"grade", (*Scenario).grade},
	{"on sale", (*Scenario).onSale},
	{"replay", (*Scenario).replay},
	{"then", (*Scenario).then},
}

// Run works out every section that the scenario wants, and returns the file as
// it should be.
func (s *Scenario) Run() ([]byte, error) {
	given, _ := s.section("given")
	f, err := s.read(given)
	if err != nil {
		return nil, err
	}
	out := &txtar.Archive{Comment: s.file.Comment}
	for _, file := range s.file.Files {
		for _, section := range sections {
			if section.name != file.Name {
				continue
			}
			var text strings.Builder
			if err := section.make(s, f, &text); err != nil {
				fmt.Fprintf(&text, "%s\n", said(err))
			}
			file.Data = []byte(text.String())
		}
		out.Files = append(out.Files, file)
	}
	return txtar.Format(out), nil
}

func said(err error) string {
	var faults document.Faults
	if !errors.As(err, &faults) {
		return err.Error()
	}
	var lines []string
	for _, f := range faults {
		lines = append(lines, f.Say("zh"), "  "+f.Say("en"))
	}
	return strings.Join(lines, "\n")
}
