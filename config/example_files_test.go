package config_test

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/config"
)

// TestExamples loads the examples, and wants each to name every setting there
// is and no other; a setting may be commented out.
func TestExamples(t *testing.T) {
	for _, tc := range []struct {
		file     string
		load     func(string) error
		settings any
	}{
		{"jifend.example.toml", func(p string) error { _, err := config.LoadTerminal(p); return err }, config.Terminal{}},
		{"jifenhq.example.toml", func(p string) error { _, err := config.LoadHQ(p); return err }, config.HQ{}},
	} {
		t.Run(tc.file, func(t *testing.T) {
			if err := tc.load(tc.file); err != nil {
				t.Errorf("Load: %v", err)
			}
			text, err := os.ReadFile(tc.file)
			if err != nil {
				t.Fatal(err)
			}
			want := keysOf(reflect.TypeOf(tc.settings), "")
			slices.Sort(want)
			if diff := cmp.Diff(want, keysIn(string(text))); diff != "" {
				t.Errorf("%s: its keys are not those of the settings (-settings +example):\n%s", tc.file, diff)
			}
		})
	}
}

// keysOf gives the dotted key of every scalar setting of a type.
func keysOf(t reflect.Type, table string) []string {
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return []string{strings.TrimSuffix(table, ".")}
	}
	var keys []string
	for i := range t.NumField() {
		f := t.Field(i)
		keys = append(keys, keysOf(f.Type, table+f.Tag.Get("toml")+".")...)
	}
	return keys
}

var (
	heading = regexp.MustCompile(`^(?:# )?\[+([a-z_.]+)\]+$`)
	setting = regexp.MustCompile(`^(?:# )?([a-z_]+) = `)
)

// keysIn gives the dotted keys that an example names, each once, in order.
func keysIn(text string) []string {
	var keys []string
	table := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if m := heading.FindStringSubmatch(line); m != nil {
			table = m[1] + "."
		}
		if m := setting.FindStringSubmatch(line); m != nil {
			keys = append(keys, table+m[1])
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// TestExampleDefaults activates what an example shows as a default: it must be
// what holds without it.
func TestExampleDefaults(t *testing.T) {
	text, err := os.ReadFile("jifend.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := config.ParseTerminal(text)
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`(?m)^# (listen|lan|kind|profile|level|username|password|baud = 9600\n\n)`)
	got, err := config.ParseTerminal(shown.ReplaceAll(text, []byte("$1")))
	if err != nil {
		t.Fatalf("ParseTerminal with the defaults written out: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ParseTerminal: the defaults shown differ from those in force (-in force +shown):\n%s", diff)
	}
}
