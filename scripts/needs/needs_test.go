package needs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/scripts/needs"
)

// recorder is a test that notes how it ended instead of ending.
type recorder struct {
	testing.TB
	outcome, says string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) { r.end("failed", format, args) }

func (r *recorder) Skipf(format string, args ...any) { r.end("skipped", format, args) }

func (r *recorder) end(outcome, format string, args []any) {
	r.outcome, r.says = outcome, fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// ask runs one question as a test would and tells how it ended.
func ask(question func(testing.TB) string) (r *recorder, path string) {
	r = &recorder{outcome: "went on"}
	done := make(chan struct{})
	go func() {
		defer close(done)
		path = question(r)
	}()
	<-done
	return r, path
}

func TestProgram(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "zbarimg"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, program, ci, missing, outcome, says string
	}{
		{"there", "zbarimg", "true", "", "went on", ""},
		{"missing-outside-ci", "zbarimg", "", "chromium,zbarimg", "skipped", "zbar-tools): left out are the tests that read printed codes"},
		{"missing-in-ci", "zbarimg", "true", "zbarimg", "failed", "zbarimg is missing"},
		{"not-on-path", "chromium", "", "", "skipped", "chromium is missing"},
		{"not-listed", "xyzzy", "", "", "failed", "not in parts.txt"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Setenv("PATH", folder)
			t.Setenv("CI", tc.ci)
			t.Setenv("JIFEN_MISSING", tc.missing)
			r, path := ask(func(tb testing.TB) string { return needs.Program(tb, tc.program) })
			if r.outcome != tc.outcome || !strings.Contains(r.says, tc.says) {
				t.Errorf("Program(%q): got %s %q, want %s with %q", tc.program, r.outcome, r.says, tc.outcome, tc.says)
			}
			if tc.outcome == "went on" && path != filepath.Join(folder, tc.program) {
				t.Errorf("Program(%q): got %q, want it in %q", tc.program, path, folder)
			}
		})
	}
}

func TestFontMissing(t *testing.T) {
	t.Setenv("CI", "true")
	t.Setenv("JIFEN_MISSING", "font-noto-cjk")
	r, _ := ask(func(tb testing.TB) string { return needs.Font(tb, "font-noto-cjk") })
	if r.outcome != "failed" {
		t.Errorf("Font: got %s %q, want failed", r.outcome, r.says)
	}
}

func TestFontThere(t *testing.T) {
	if path := needs.Font(t, "font-noto-cjk"); path == "" {
		t.Error("Font: got no path, want the font's file or the end of the test")
	}
}
