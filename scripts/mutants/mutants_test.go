package main

import (
	"errors"
	"os"
	"testing"
	"testing/fstest"
)

// TestEveryMutantFitsTheTree tells of a stale one before any is run.
func TestEveryMutantFitsTheTree(t *testing.T) {
	mutants, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	if len(mutants) < 20 {
		t.Errorf("%d mutants, want 20 or more", len(mutants))
	}
	for _, m := range mutants {
		if _, err := m.Faulty(os.DirFS("../..")); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
	}
}

const sample = `# A table.
== a: A rule.
test: pkg TestX/y
file: a.go
-	one
+	two
file: a.go
-	three
`

func TestParse(t *testing.T) {
	got, err := Parse(sample)
	if err != nil || len(got) != 1 {
		t.Fatalf("Parse: got %d mutants, %v; want 1", len(got), err)
	}
	if m := got[0]; m.Name != "a" || m.Rule != "A rule." || m.Package != "pkg" || m.Test != "TestX/y" {
		t.Errorf("Parse: got %+v", m)
	}
	files, err := got[0].Faulty(fstest.MapFS{"a.go": {Data: []byte("\tone\n\tthree\n\tfour\n")}})
	if want := "\n\ttwo\n\tfour\n"; err != nil || files["a.go"] != want {
		t.Errorf("Faulty: got %q, %v; want %q", files["a.go"], err, want)
	}
	for name, file := range map[string]string{"missing": "\tone\n", "twice": "\tone\n\tone\n\tthree\n"} {
		if _, err := got[0].Faulty(fstest.MapFS{"a.go": {Data: []byte(file)}}); err == nil {
			t.Errorf("Faulty with the old text %s: no error", name)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, table := range map[string]string{
		"no-sentence": "== a\ntest: p T\nfile: f\n-x\n",
		"no-test":     "== a: b\nfile: f\n-x\n",
		"no-change":   "== a: b\ntest: p T\n",
		"no-old-text": "== a: b\ntest: p T\nfile: f\n+x\n",
		"no-file":     "== a: b\ntest: p T\n-x\n",
		"the-same":    "== a: b\ntest: p T\nfile: f\n-x\n+x\n",
		"twice":       sample + sample,
		"other-lines": sample + "anything\n",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse(table); !errors.Is(err, errTable) {
				t.Errorf("Parse: got %v, want an error that names the table", err)
			}
		})
	}
}

func TestSaid(t *testing.T) {
	out := "=== RUN   TestX\n--- FAIL: TestX (0.00s)\n    --- PASS: TestX/a (0.00s)\n    --- FAIL: TestX/b (0.00s)\n"
	for _, c := range []struct {
		end, name string
		want      bool
	}{{"FAIL", "TestX", true}, {"FAIL", "TestX/b", true}, {"PASS", "TestX/a", true}, {"FAIL", "TestX/a", false}, {"FAIL", "Test", false}} {
		if got := said(out, c.end, c.name); got != c.want {
			t.Errorf("said(%s, %s): got %v, want %v", c.end, c.name, got, c.want)
		}
	}
}
