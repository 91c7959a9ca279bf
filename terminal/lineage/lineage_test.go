package lineage_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lineage"
	"github.com/jifen-pos/jifen/terminal/lot"
)

func head(i ledger.Incarnation, seq ledger.Seq) ledger.Head {
	return ledger.Head{Incarnation: i, Seq: seq}
}

// lives is a lineage whose joins a test sees.
type lives struct {
	lineage.Lineage
	joined map[ledger.Incarnation]ledger.Incarnation
}

func (l *lives) join(part, whole ledger.Incarnation) error {
	l.joined[part] = whole
	return nil
}

// boots runs lives 1 to n, none proven by the next; those that are listed moved
// a right with their second entry.
func boots(t *testing.T, n ledger.Incarnation, moved ...ledger.Incarnation) *lives {
	t.Helper()
	l := &lives{joined: map[ledger.Incarnation]ledger.Incarnation{}}
	for i := ledger.Incarnation(1); i <= n; i++ {
		l.Root = i
		for _, m := range moved {
			if m == i {
				l.Moved = head(i, 2)
			}
		}
		if i < n {
			if err := l.Freeze(head(i, 3), nil, l.join); err != nil {
				t.Fatal(err)
			}
		}
	}
	return l
}

func TestNothingWaitsForLivesThatMovedNothing(t *testing.T) {
	if w := boots(t, 5).Waiting(); len(w) != 0 {
		t.Errorf("Waiting() = %+v, want none", w)
	}
	if w := boots(t, 5, 2).Waiting(); len(w) != 2 || w[0].Head != head(2, 3) || w[1].Head != head(4, 3) {
		t.Errorf("Waiting() = %+v, want the one that moved a right and one for those after it", w)
	}
}

func TestCarryTakesTheNewestThatMovedFirst(t *testing.T) {
	l := boots(t, 6, 1, 3)
	carry := func(i ledger.Incarnation) bool {
		ok, err := l.Carry(&ledger.Carry{Parent: head(i, 3), Witness: ledger.SlipWitness, Named: head(i, 2)}, false, l.join)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if carry(1) {
		t.Error("the older one was freed while a later one waits that moved rights")
	}
	if !carry(3) || l.Root == 6 || l.Moved != head(3, 2) {
		t.Errorf("the newest one was not freed: root %s, moved %s", l.Root, l.Moved)
	}
	if !carry(1) || len(l.Waiting()) != 0 {
		t.Errorf("Waiting() = %+v, want none: what moved nothing in between comes with the older one", l.Waiting())
	}
}

func TestReleaseFreesOneLineAlone(t *testing.T) {
	l := boots(t, 4, 1, 2, 3)
	other, saw := head(2, 1), l.Waiting()[1].Moved
	if err := l.Release(2, &other, l.join); err != nil || len(l.Waiting()) != 3 {
		t.Errorf("Release() of a line that ends otherwise = %v, %d wait; want nothing changed", err, len(l.Waiting()))
	}
	if err := l.Release(2, &saw, l.join); err != nil || len(l.Waiting()) != 2 || l.joined[2] != 4 {
		t.Errorf("Release() = %v, %d wait, joined %v; want the second alone freed", err, len(l.Waiting()), l.joined)
	}
	if err := l.Release(2, nil, l.join); err != nil || len(l.Waiting()) != 2 {
		t.Errorf("Release() again = %v, %d wait; want nothing changed", err, len(l.Waiting()))
	}
}

func TestBoundLeaves(t *testing.T) {
	for _, c := range []struct {
		name       string
		bound      lineage.Trust
		used, want lot.Amount
	}{
		{"all", lineage.Trust{Bound: ledger.Bound{Member: 5, Terminal: 9}}, 0, 5},
		{"of-the-member", lineage.Trust{Bound: ledger.Bound{Member: 5, Terminal: 9}}, 4, 1},
		{"of-the-terminal", lineage.Trust{Bound: ledger.Bound{Member: 5, Terminal: 9}, Used: 7}, 1, 2},
		{"nothing", lineage.Trust{Bound: ledger.Bound{Member: 5, Terminal: 9}, Used: 11}, 0, 0},
	} {
		if got := c.bound.Left(c.used); got != c.want {
			t.Errorf("%s: Left(%d) = %d, want %d", c.name, c.used, got, c.want)
		}
	}
}
