package grantlog_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/grantlog"
)

var _ hq.GrantLog = (*grantlog.Log)(nil)

func open(t *testing.T, folders ...string) *grantlog.Log {
	t.Helper()
	l, err := grantlog.Open(folders...)
	if err != nil {
		t.Fatalf("Open() = %v, want nil", err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func texts(from, n int) (out [][]byte) {
	for i := range n {
		out = append(out, fmt.Appendf(nil, "record %d", from+i))
	}
	return out
}

func add(t *testing.T, l *grantlog.Log, first, n int) {
	t.Helper()
	if err := l.Append(uint64(first), texts(first, n)); err != nil {
		t.Fatalf("Append(%d) = %v, want nil", first, err)
	}
}

// has checks that a log holds exactly the records from one number to another.
func has(t *testing.T, l *grantlog.Log, first, last int) {
	t.Helper()
	gotFirst, gotLast, err := l.Span()
	if gotFirst != uint64(first) || gotLast != uint64(last) || err != nil {
		t.Errorf("Span() = %d, %d, %v, want %d, %d, nil", gotFirst, gotLast, err, first, last)
	}
	var got [][]byte
	for after := uint64(0); ; {
		list, err := l.Records(after, 7)
		if err != nil {
			t.Fatalf("Records(%d) = %v, want nil", after, err)
		}
		if len(list) == 0 {
			break
		}
		if after == 0 {
			after = uint64(first) - 1
		}
		after += uint64(len(list))
		got = append(got, list...)
	}
	want := texts(first, last-first+1)
	if first == 0 {
		want = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records: -want +got\n%s", diff)
	}
}

func TestRecordsComeBack(t *testing.T) {
	folder := t.TempDir()
	l := open(t, folder)
	has(t, l, 0, 0)
	add(t, l, 41, 20)
	add(t, l, 61, 1)
	has(t, l, 41, 61)
	if err := l.Append(63, texts(63, 1)); !errors.Is(err, grantlog.ErrOrder) {
		t.Errorf("Append(with a gap) = %v, want ErrOrder", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, folder)
	has(t, l, 41, 61)
	add(t, l, 62, 3)
	has(t, l, 41, 64)
}

// newest is the newest file of a folder.
func newest(t *testing.T, folder string) string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(folder, "*.grants"))
	if err != nil || len(list) == 0 {
		t.Fatalf("files %v, %v, want some", list, err)
	}
	return list[len(list)-1]
}

func TestWhatACutLeftIsTakenOff(t *testing.T) {
	folder := t.TempDir()
	l := open(t, folder)
	add(t, l, 1, 5)
	_ = l.Close()
	whole, err := os.ReadFile(newest(t, folder))
	if err != nil {
		t.Fatal(err)
	}
	for size := len(whole) - 1; size >= 0; size-- {
		if err := os.WriteFile(newest(t, folder), whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := grantlog.Open(folder)
		if err != nil {
			t.Fatalf("Open() of %d bytes = %v, want nil", size, err)
		}
		_, last, _ := l.Span()
		add(t, l, int(last)+1, 1)
		has(t, l, 1, int(last)+1)
		_ = l.Close()
		if err := os.WriteFile(newest(t, folder), whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDamageIsSeen(t *testing.T) {
	folder := t.TempDir()
	l := open(t, folder)
	add(t, l, 1, 5)
	_ = l.Close()
	path := newest(t, folder)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range len(whole) - 20 { // before the last record
		bad := append([]byte(nil), whole...)
		bad[at] ^= 0x10
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := grantlog.Open(folder)
		if err == nil { // its length was changed: what comes after cannot be read, and is no more than a cut could leave
			_, last, _ := l.Span()
			_ = l.Close()
			if last == 5 {
				t.Errorf("Open() with byte %d changed sees 5 records, want damage or fewer", at)
			}
		} else if !errors.Is(err, grantlog.ErrDamaged) {
			t.Errorf("Open() with byte %d changed = %v, want ErrDamaged", at, err)
		}
	}
}

// A folder that is another log's is no copy: nothing is added to it, and a person is
// told which it is.
func TestWhatIsNoCopyIsRefused(t *testing.T) {
	for name, other := range map[string]struct {
		first   int
		records []string
	}{
		"other-records": {1, []string{"other 1", "other 2", "other 3"}},
		"other-end":     {1, []string{"record 1", "record 2", "other 3"}},
		"from-between":  {3, []string{"record 3", "other 4"}},
		"of-as-many":    {1, []string{"record 1", "record 2", "record 3", "record 4", "other 5"}},
		"goes-further":  {1, []string{"record 1", "record 2", "record 3", "record 4", "other 5", "other 6"}},
		"with-a-gap":    {7, []string{"record 7", "record 8"}},
	} {
		t.Run(name, func(t *testing.T) {
			one, two := t.TempDir(), t.TempDir()
			l := open(t, one)
			add(t, l, 1, 5)
			_ = l.Close()
			l = open(t, two)
			var raws [][]byte
			for _, r := range other.records {
				raws = append(raws, []byte(r))
			}
			if err := l.Append(uint64(other.first), raws); err != nil {
				t.Fatal(err)
			}
			_ = l.Close()
			for _, folders := range [][]string{{one, two}, {two, one}} {
				l, err := grantlog.Open(folders...)
				if err == nil {
					_ = l.Close()
				}
				if !errors.Is(err, grantlog.ErrCopy) || !strings.Contains(err.Error(), one) || !strings.Contains(err.Error(), two) {
					t.Errorf("Open() = %v, want both folders named", err)
				}
			}
			has(t, open(t, one), 1, 5)
			got, err := open(t, two).Records(0, 10)
			if diff := cmp.Diff(raws, got); diff != "" || err != nil {
				t.Errorf("records %v: -want +got\n%s", err, diff)
			}
		})
	}
}

func TestACopyIsCompleted(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	l := open(t, one)
	add(t, l, 9, 30)
	_ = l.Close()
	l = open(t, two, one)
	has(t, l, 9, 38)
	add(t, l, 39, 2)
	_ = l.Close()
	has(t, open(t, one), 9, 40)
	has(t, open(t, two), 9, 40)
}
