package shelf_test

import (
	"errors"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/shelf"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/hqtest"
)

func TestShelfIsABook(t *testing.T) {
	shelves := map[string]*shelf.Shelf{}
	hqtest.TestBook(t, func(_ *testing.T, folder string) hqtest.Book {
		if shelves[folder] == nil {
			shelves[folder] = shelf.New()
		}
		return shelves[folder]
	})
}

// TestCrashAtEveryStatement: whatever statement HQ dies at, all of the
// transaction is there or nothing of it.
func TestCrashAtEveryStatement(t *testing.T) {
	work := func(tx book.Tx) error {
		return errors.Join(tx.PutMeta("a", "1"), tx.PutDesk([]byte("k"), []byte("v")), tx.PutMeta("b", "1"))
	}
	for n := range 5 { // three statements, and the two sides of the commit
		s := shelf.New()
		asked := 0
		s.Fault = func(shelf.Moment) error {
			if asked++; asked == n+1 {
				return shelf.ErrCrash
			}
			return nil
		}
		if err := s.Update(work); !errors.Is(err, shelf.ErrCrash) {
			t.Errorf("Update() with a crash at %d = %v, want ErrCrash", n, err)
		}
		var got string
		if err := s.View(func(tx book.Tx) (err error) {
			a, err := tx.Meta("a")
			b, wrong := tx.Meta("b")
			got = a + b
			return errors.Join(err, wrong)
		}); err != nil {
			t.Fatal(err)
		}
		if want := map[bool]string{true: "11"}[n == 4]; got != want {
			t.Errorf("after a crash at %d %q is there, want %q", n, got, want)
		}
	}
}
