package signer_test

import (
	"bytes"
	"crypto/ed25519"
	"path/filepath"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/signer"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

func key(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

// open opens an empty book.
func open(t *testing.T) *sqlbook.Book {
	t.Helper()
	kept, err := sqlbook.OpenSQLite(filepath.Join(t.TempDir(), "book.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	return kept
}

// TestAnOlderBookGoesOnUnderTheKeyThatATerminalKnows: a board enrolled when HQ had its
// second key, HQ took a third, and its book went back to before the board. What the
// board shows tells which key it believes, and it hears of the third under that.
func TestAnOlderBookGoesOnUnderTheKeyThatATerminalKnows(t *testing.T) {
	kept := open(t)
	first, second, third := key(1), key(2), key(3)
	s := signer.New(third, first, second)
	shown := ledger.Down{Terminal: 5, Epoch: 1, Seq: 1}
	raw := ledger.SignDown(shown, second)
	err := kept.Update(func(tx book.Tx) error {
		if err := s.Regained(tx, shown, raw); err != nil {
			return err
		}
		with, next, err := s.Next(tx, 5)
		if err != nil {
			return err
		}
		if !with.Equal(second) || next == nil || !bytes.Equal(next.Key[:], third.Public().(ed25519.PublicKey)) {
			t.Errorf("Next() signs with %x and names %v, want the second key and the third named", with.Public(), next)
		}
		met, err := s.Met(tx, book.Terminal{ID: 5, DownSeq: 1}, nil)
		if !met.Equal(second.Public()) {
			t.Errorf("Met() = %x, want the key under which the journal begins", met)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAForgottenBoardBeginsUnderTheKeyThatItKnows: HQ's book went back to before a board
// enrolled under the second key, and the board had nothing of HQ's journal to show.
func TestAForgottenBoardBeginsUnderTheKeyThatItKnows(t *testing.T) {
	kept := open(t)
	first, second, third := key(1), key(2), key(3)
	s := signer.New(third, first, second)
	s.Showed(5, nil)
	if n := len(s.Guesses(5)); n != 3 {
		t.Errorf("%d keys may be the one that it knows, want all 3", n)
	}
	s.Showed(6, ledger.SignDown(ledger.Down{Terminal: 6, Epoch: 1, Seq: 1}, second))
	if list := s.Guesses(6); len(list) != 1 || !list[0].Equal(second) {
		t.Errorf("of a board that showed the second key the guesses are %d keys", len(list))
	}
	err := kept.Update(func(tx book.Tx) error {
		for _, c := range []struct {
			id    ledger.TerminalID
			knows ed25519.PrivateKey
			want  ed25519.PrivateKey
		}{{5, second, second}, {6, nil, third}, {7, key(9), third}} {
			var knows ed25519.PublicKey
			if c.knows != nil {
				knows = c.knows.Public().(ed25519.PublicKey)
			}
			met, err := s.Met(tx, book.Terminal{ID: c.id}, knows)
			if err != nil {
				return err
			}
			if !met.Equal(c.want.Public()) {
				t.Errorf("%s is met under %x, want %x", c.id, met, c.want.Public())
			}
		}
		with, next, err := s.Next(tx, 5)
		if err == nil && (!with.Equal(second) || next == nil) {
			t.Errorf("Next() signs with %x and names %v, want the second key and the third named", with.Public(), next)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
