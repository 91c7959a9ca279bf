package sqlbook_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// The test binary is also its own child: the variable says what it does with
// the book of the other one.
const (
	childDoes = "SQLBOOK_CHILD"
	childBook = "SQLBOOK_BOOK"
)

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(childDoes) {
	case "":
		os.Exit(m.Run())
	case "write":
		err = writeForEver(os.Getenv(childBook))
	case "full":
		err = writeToFullDisk(os.Getenv(childBook))
	}
	if err != nil {
		fmt.Println("fault:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func child(does, path string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childDoes+"="+does, childBook+"="+path)
	return c
}

// sale writes what one sale makes at HQ: an entry, a state row, a lot.
func sale(tx book.Tx, i ledger.Incarnation, seq ledger.Seq) error {
	l := lotAt(uint64(seq))
	l.ID.Incarnation = uint64(i)
	e := book.Entry{Terminal: 3, Head: ledger.Head{Incarnation: i, Seq: seq}, Raw: make([]byte, 200), Received: int64(seq)}
	return errors.Join(
		tx.AppendEntries(3, []book.Entry{e}),
		tx.PutState(3, []byte("head"), fmt.Append(nil, seq)),
		tx.PutLot(l),
		tx.Post([]book.Post{
			{Lot: l.ID, Place: book.Place{Kind: book.Issued}, Amount: -l.Amount},
			{Lot: l.ID, Place: book.Place{Kind: book.AtTerminal, Terminal: 3, Incarnation: i}, Amount: l.Amount},
		}),
	)
}

func writeForEver(path string) error {
	b, err := sqlbook.OpenSQLite(path)
	if err != nil {
		return err
	}
	i := ledger.Incarnation(os.Getpid())
	for seq := ledger.Seq(1); ; seq++ {
		if err := b.Update(func(tx book.Tx) error { return sale(tx, i, seq) }); err != nil {
			return err
		}
		fmt.Println(seq)
	}
}

func TestKilledProcessLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hq.db")
	for _, after := range []ledger.Seq{1, 7, 60, 300} {
		c := child("write", path)
		said := killAfter(t, c, after)
		b := openBook(t, path)
		if err := b.View(func(tx book.Tx) error { return keptUpTo(t, tx, ledger.Incarnation(c.Process.Pid), said) }); err != nil {
			t.Errorf("View() = %v, want nil", err)
		}
		closeBook(t, b)
		checkIntegrity(t, path)
	}
}

// killAfter ends a child in the middle of its work and returns the newest
// entry that it said was committed.
func killAfter(t *testing.T, c *exec.Cmd, after ledger.Seq) ledger.Seq {
	t.Helper()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var said ledger.Seq
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, err := fmt.Sscan(lines.Text(), &said); err != nil {
			t.Errorf("child says %q, want a number", lines.Text())
		}
		if said == after {
			_ = c.Process.Kill()
		}
	}
	_ = c.Wait()
	if said < after {
		t.Fatalf("child committed %d, want at least %d", said, after)
	}
	return said
}

// keptUpTo checks that a child's entries are all there with what belongs to
// them: as many as it said, or one more that it had no time to speak of.
func keptUpTo(t *testing.T, tx book.Tx, i ledger.Incarnation, said ledger.Seq) error {
	entries, err := tx.Entries(3, i, 0, 1<<20)
	if err != nil {
		return err
	}
	n := ledger.Seq(len(entries))
	if n < said || n > said+1 {
		t.Errorf("%d entries are kept, want %d or one more", n, said)
	}
	state, err := tx.State(3).Get([]byte("head"))
	if string(state) != fmt.Sprint(n) || err != nil {
		t.Errorf("state is %q, %v, want %d", state, err, n)
	}
	for seq := ledger.Seq(1); seq <= n; seq++ {
		id := lot.ID{Origin: ledger.Origin(3, i, seq)}
		if _, err := tx.Lot(id); err != nil {
			t.Errorf("Lot(%s) = %v, want nil", id, err)
		}
	}
	bad, err := tx.Unbalanced(10)
	if len(bad) > 0 {
		t.Errorf("Unbalanced() = %v, want none", bad)
	}
	return err
}

// writeToFullDisk writes until the files may not grow, then makes room.
func writeToFullDisk(path string) error {
	signal.Ignore(syscall.SIGXFSZ)
	b, err := sqlbook.OpenSQLite(path)
	if err != nil {
		return err
	}
	write := func(seq ledger.Seq) error { return b.Update(func(tx book.Tx) error { return sale(tx, 1, seq) }) }
	if err := write(1); err != nil {
		return err
	}
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 150 << 10, Max: was.Max}); err != nil {
		return err
	}
	seq := ledger.Seq(2)
	for err = write(seq); err == nil && seq < 1000; err = write(seq) {
		seq++
	}
	if !errors.Is(err, sqlbook.ErrUnknownResult) {
		return fmt.Errorf("write %d on a full disk: %v, want an error that matches ErrUnknownResult", seq, err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	if err := write(seq); err != nil {
		return fmt.Errorf("write %d again when there is room: %w", seq, err)
	}
	fmt.Println(seq)
	return b.Close()
}

func TestFailedCommitIsUnknownAndTheBookGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hq.db")
	out, err := child("full", path).CombinedOutput()
	var last ledger.Seq
	if _, scanned := fmt.Sscan(string(out), &last); err != nil || scanned != nil {
		t.Fatalf("child: %v, says %q", err, strings.TrimSpace(string(out)))
	}
	b := openBook(t, path)
	defer closeBook(t, b)
	if err := b.View(func(tx book.Tx) error { return keptUpTo(t, tx, 1, last) }); err != nil {
		t.Errorf("View() = %v, want nil", err)
	}
}
