package crashproof

import (
	"errors"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
)

// OpKind says what happened to the file or to the cashier.
type OpKind uint8

// The kinds of operation in a trace.
const (
	OpWrite     OpKind = iota // Data at Off
	OpTruncate                // the file is Off bytes long
	OpFlush                   // all before it is on the disk
	OpLost                    // a flush that failed
	OpUnflushed               // a flush that was taken for done, and was not
	OpBegin                   // commit N is on its way
	OpConfirm                 // the caller was told that commit N is there
	OpTold                    // a cashier was told that Head is there
)

// Op is one operation.
type Op struct {
	Kind OpKind
	Off  int64
	Data []byte
	N    int
	Head ledger.Head
}

// Commit is one transaction: what the ledger holds after it, and the kinds of
// action in it.
type Commit struct {
	Digest Digest
	Kinds  []string
}

// Trace is what happened to one ledger file. Commit 0 is the ledger as made.
type Trace struct {
	Ops     []Op
	Commits []Commit
}

// Errors that a recorder gives to bbolt in place of the disk's answer.
var (
	ErrKilled = errors.New("process was killed")
	errNoDisk = syscall.EIO
)

// Fault is what befalls the file, once.
type Fault struct {
	At   int  // ordinal of the write, truncation or flush it befalls, from 0; of the flush alone if Kill is false
	Kill bool // the process ends before it; else the flush fails with EIO
}

// Recorder stands between bbolt and a file: it notes what is done and passes
// it on. A zero Recorder is ready.
type Recorder struct {
	// Fault is what befalls the file, or nil.
	Fault *Fault
	// NoFlush takes every flush for done without doing it: what a bbolt
	// without syncs would leave.
	NoFlush bool
	// Slow is how long a flush takes.
	Slow time.Duration
	// NoSettle drops what the store writes and flushes when it opens a file.
	NoSettle bool

	mu      sync.Mutex
	trace   Trace
	calls   int // writes, truncations and flushes
	flushes int
	struck  bool
	dead    bool
}

// Trace returns what was recorded so far.
func (r *Recorder) Trace() Trace {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Trace{Ops: slices.Clone(r.trace.Ops), Commits: slices.Clone(r.trace.Commits)}
}

// Calls returns how many writes, truncations and flushes there were, and how
// many of them were flushes.
func (r *Recorder) Calls() (calls, flushes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls, r.flushes
}

// Struck reports whether the fault has befallen the file.
func (r *Recorder) Struck() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.struck
}

// Next sets a fault for one of the calls to come: the n-th from 0, or of a
// flush the n-th flush.
func (r *Recorder) Next(n int, kill bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.flushes
	if kill {
		at = r.calls
	}
	r.Fault, r.struck = &Fault{At: at + n, Kill: kill}, false
}

// Revive is a new process after a kill: the file is as the kernel has it.
func (r *Recorder) Revive() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dead = false
}

// WriteAt is bbolt's write.
func (r *Recorder) WriteAt(f *os.File, b []byte, off int64) (int, error) {
	if err := r.note(Op{Kind: OpWrite, Off: off, Data: slices.Clone(b)}); err != nil {
		return 0, err
	}
	return f.WriteAt(b, off)
}

// Truncate is bbolt's way to make the file longer.
func (r *Recorder) Truncate(f *os.File, size int64) error {
	if err := r.note(Op{Kind: OpTruncate, Off: size}); err != nil {
		return err
	}
	return f.Truncate(size)
}

// Sync is bbolt's flush. The file is on tmpfs, so there is nothing to do.
func (r *Recorder) Sync(*os.File) error {
	time.Sleep(r.Slow)
	return r.note(Op{Kind: OpFlush})
}

// Settles reports whether the store may do what it does when it opens a file.
func (r *Recorder) Settles() bool { return !r.NoSettle }

// note adds an operation of the file, unless the fault befalls it.
func (r *Recorder) note(op Op) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead {
		return ErrKilled
	}
	at := r.calls
	if r.calls++; op.Kind == OpFlush {
		r.flushes++
	}
	switch {
	case r.Fault == nil || r.struck:
	case r.Fault.Kill && at == r.Fault.At:
		r.struck, r.dead = true, true
		return ErrKilled
	case !r.Fault.Kill && op.Kind == OpFlush && r.flushes-1 == r.Fault.At:
		r.struck = true
		r.trace.Ops = append(r.trace.Ops, Op{Kind: OpLost})
		return errNoDisk
	}
	if op.Kind == OpFlush && r.NoFlush {
		op.Kind = OpUnflushed
	}
	r.trace.Ops = append(r.trace.Ops, op)
	return nil
}

// begin notes that a commit is on its way and returns its number.
func (r *Recorder) begin(c Commit) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trace.Commits = append(r.trace.Commits, c)
	n := len(r.trace.Commits) - 1
	r.trace.Ops = append(r.trace.Ops, Op{Kind: OpBegin, N: n})
	return n
}

// confirm notes that the caller learned that a commit is there.
func (r *Recorder) confirm(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trace.Ops = append(r.trace.Ops, Op{Kind: OpConfirm, N: n})
}

// Told notes that a cashier was shown that the entry of a head is done.
func (r *Recorder) Told(h ledger.Head) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trace.Ops = append(r.trace.Ops, Op{Kind: OpTold, Head: h})
}
