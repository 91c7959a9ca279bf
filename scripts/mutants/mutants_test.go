package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
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
	if want := "\ttwo\n\tfour\n"; err != nil || files["a.go"] != want {
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

// TestWeave: the program built of woven files has each fault when it is chosen,
// and none otherwise; what cannot be woven is left to be compiled alone.
func TestWeave(t *testing.T) {
	const sound = `package main

import "fmt"

const step = 1

var sum int

func add(n int) { sum += n * step }

func twice(n int) int {
	return 2 * n
}

func main() {
	add(3)
outer:
	for {
		break outer
	}
	fmt.Print(sum, twice(sum))
}
`
	change := func(name, was, now string) Mutant {
		return Mutant{Name: name, Changes: []Change{{File: "main.go", Old: was, New: now}}}
	}
	both := change("both", "func add(n int) { sum += n * step }", "func add(n int) { sum += n }")
	both.Changes = append(both.Changes, Change{File: "main.go", Old: "\treturn 2 * n", New: "\treturn 5 * n"})
	mutants := []Mutant{
		change("add", "func add(n int) { sum += n * step }", "func add(n int) { sum -= n }"),
		change("twice", "\treturn 2 * n", "\treturn 3 * n"),
		both,
		change("const", "const step = 1", "const step = 2"),
		change("label", "\tadd(3)", "\tadd(4)"),
	}
	files, alone, err := Weave(fstest.MapFS{"main.go": {Data: []byte(sound)}}, mutants)
	if err != nil || len(alone) != 2 || !alone["const"] || !alone["label"] {
		t.Fatalf("Weave: alone are %v, %v; want const and label", alone, err)
	}
	file, program := filepath.Join(t.TempDir(), "main.go"), filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(file, []byte(files["main.go"]), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-o", program, file).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s\n%s", err, out, files["main.go"])
	}
	for mutant, want := range map[string]string{"": "3 6", "add": "-3 -6", "twice": "3 9", "both": "3 15", "const": "3 6"} {
		cmd := exec.Command(program)
		cmd.Env = append(cmd.Environ(), chosen+"="+mutant)
		if got, err := cmd.CombinedOutput(); err != nil || string(got) != want {
			t.Errorf("with %q chosen it says %q, %v; want %q", mutant, got, err, want)
		}
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
