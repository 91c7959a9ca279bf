package crashproof

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// ChildVariable tells the test program to be a child process, and of which kind.
const ChildVariable = "JIFEN_CRASH_CHILD"

// answerMost is how long a child may look at one file: it takes a few
// milliseconds, but bbolt can go round in circles in a damaged one.
const answerMost = 8 * time.Second

// Pool is child processes that look at files.
type Pool struct {
	t        testing.TB
	dir      string
	jobs     chan job
	asked    int
	children sync.WaitGroup
}

// writeEvery is how often a file that a crash left is written to as well.
const writeEvery = 8

type job struct {
	q     Question
	image Image
	files map[string]Image // instead of the image: all of a folder
	done  func(Finding)
}

// NewPool starts n children; they end with the test.
func NewPool(t testing.TB, n int) *Pool {
	t.Helper()
	p := &Pool{t: t, dir: Scratch(t), jobs: make(chan job, 4*n)}
	for i := range n {
		p.children.Go(func() { p.run(filepath.Join(p.dir, fmt.Sprintf("child-%d", i))) })
	}
	return p
}

// Scratch is a folder on tmpfs, where there is one, that goes with the test.
func Scratch(t testing.TB) string {
	t.Helper()
	if info, err := os.Stat("/dev/shm"); err != nil || !info.IsDir() {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp("/dev/shm", "jifen-crash-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Crash has a child look at what a crash left; of some of the files also once
// they are written to.
func (p *Pool) Crash(s State, done func(Finding)) {
	p.asked++
	p.Ask(Question{Write: p.asked%writeEvery == 0}, s.Image, done)
}

// Ask has a child look at an image; done is called with what it found, from
// another goroutine.
func (p *Pool) Ask(q Question, image Image, done func(Finding)) {
	p.jobs <- job{q: q, image: image, done: done}
}

// Folder has a child look at one file of a folder as a crash left it.
func (p *Pool) Folder(name string, files map[string]Image, done func(Finding)) {
	p.jobs <- job{q: Question{Path: name}, files: files, done: done}
}

// Close waits for the answers and ends the children.
func (p *Pool) Close() {
	close(p.jobs)
	p.children.Wait()
}

// run keeps one child going: one that dies or hangs, or has met a damaged file, is
// replaced.
func (p *Pool) run(dir string) {
	var c *child
	defer func() { c.end(nil) }()
	for j := range p.jobs {
		path, err := place(dir, j)
		if err == nil && c == nil {
			c, err = newChild()
		}
		if err != nil {
			p.t.Errorf("child: %v", err)
			j.done(Finding{Fault: err.Error(), Died: true})
			continue
		}
		j.q.Path = path
		f, err := c.ask(j.q)
		if err != nil {
			f = Finding{Fault: c.end(err), Died: true}
		}
		if err == nil && f.Fault+f.Served != "" {
			c.end(nil)
		}
		if f.Fault+f.Served != "" { // a child that met a damaged file may hold its lock: no other file waits for that
			c = nil
			_ = os.RemoveAll(dir)
		}
		j.done(f)
	}
}

// place puts an image where the question wants it and returns the ledger's path.
func place(dir string, j job) (string, error) {
	if j.files != nil {
		return filepath.Join(dir, j.q.Path), placeAll(dir, j.files)
	}
	path := filepath.Join(dir, "ledger.db")
	at := path
	if j.q.Birth {
		at += ".new"
	}
	f, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(dir, 0o700); err == nil {
			f, err = os.OpenFile(at, os.O_WRONLY|os.O_CREATE, 0o600)
		}
	}
	if err != nil {
		return "", err
	}
	// Over what is there, since that is faster than a new file.
	_, err = f.WriteAt(j.image.Data, 0)
	return path, errors.Join(err, f.Truncate(int64(len(j.image.Data))), f.Truncate(j.image.Size), f.Close())
}

// placeAll makes a folder anew.
func placeAll(dir string, files map[string]Image) error {
	err := os.RemoveAll(dir)
	for name, image := range files {
		path := filepath.Join(dir, name)
		err = errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, image.Data, 0o600), os.Truncate(path, image.Size))
	}
	return err
}

// child is one process that answers questions.
type child struct {
	cmd      *exec.Cmd
	in       io.WriteCloser
	problems bytes.Buffer
	late     atomic.Bool
	ask      func(Question) (Finding, error)
}

func newChild() (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.Command(self, "-test.run=^$")}
	c.cmd.Env = append(os.Environ(), ChildVariable+"=inspect", "GOMAXPROCS=1", "GOGC=1000")
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.cmd.Stderr = &c.problems
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	c.in = in
	questions, answers := json.NewEncoder(in), json.NewDecoder(out)
	c.ask = func(q Question) (f Finding, err error) {
		late := time.AfterFunc(answerMost, func() {
			c.late.Store(true)
			_ = c.cmd.Process.Kill()
		})
		defer late.Stop()
		if err := questions.Encode(q); err != nil {
			return f, err
		}
		return f, answers.Decode(&f)
	}
	return c, nil
}

// Look has a process of its own look at a file where it lies.
func Look(t testing.TB, q Question) Finding {
	t.Helper()
	c, err := newChild()
	if err != nil {
		t.Fatalf("child: %v", err)
	}
	f, err := c.ask(q)
	if end := c.end(err); err != nil {
		return Finding{Fault: end, Died: true}
	}
	return f
}

// end ends the process and says why it ended, given what went wrong with it.
func (c *child) end(why error) string {
	if c == nil {
		return ""
	}
	_ = c.in.Close()
	late := time.AfterFunc(answerMost, func() { _ = c.cmd.Process.Kill() })
	err := c.cmd.Wait()
	late.Stop()
	if c.late.Load() {
		return fmt.Sprintf("%v: the process that opened it was not done within %s", why, answerMost)
	}
	said := c.problems.String()
	return fmt.Sprintf("the process that opened it ended: %v, %v: %s", why, err, said[:min(len(said), 2000)])
}
