package grantlog_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/grantlog"
)

// Documents lie in every copy whole; a copy that has none, or whose own is damaged,
// costs nothing as long as another one has it.
func TestDocumentsLieBesideTheLogInEveryCopy(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	l := open(t, one)
	keep := func(name, text string) {
		t.Helper()
		if err := l.KeepDocument(name, []byte(text)); err != nil {
			t.Fatalf("KeepDocument(%s) = %v, want nil", name, err)
		}
	}
	is := func(when, name, want string) {
		t.Helper()
		if b, err := l.Document(name); string(b) != want || err != nil {
			t.Errorf("%s: Document(%s) = %q, %v, want %q", when, name, b, err, want)
		}
	}
	keep("a1", "the first")
	keep("a1", "the first")
	is("kept", "a1", "the first")
	is("none", "b2", "")
	_ = l.Close()
	l = open(t, one, two)
	keep("b2", "the second")
	_ = l.Close()
	l = open(t, two)
	is("in the copy", "a1", "the first")
	is("in the copy", "b2", "the second")
	_ = l.Close()
	file := filepath.Join(one, "documents", "a1.document")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		bad := append([]byte(nil), whole...)
		bad[n] ^= 0x10
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		l = open(t, one)
		if b, err := l.Document("a1"); b != nil || !errors.Is(err, grantlog.ErrDamaged) {
			t.Errorf("Document() with byte %d changed = %q, %v, want ErrDamaged", n, b, err)
		}
		_ = l.Close()
	}
	l = open(t, one, two)
	is("damaged in one of two", "a1", "the first")
	_ = l.Close()
	l = open(t, one)
	is("and mended by that", "a1", "the first")
}
