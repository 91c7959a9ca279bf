package crashproof

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// A folder of files: what work on a whole ledger does to names as well as to
// what is in them. The model is harsher than a file system: what a file holds
// after a crash is as for one file; a name that was made, changed or removed
// is as it was until its folder is flushed, and of what was not flushed any
// beginning may be there.

// FolderOp is one thing that happened in a folder.
type FolderOp struct {
	Op
	Name, To string // relative to the folder; To of a renaming
}

// Kinds of operation on names, besides those on the file Name.
const (
	OpMake OpKind = iota + 100
	OpFolder
	OpRename
	OpRemove
	OpFlushNames // of the folder Name
)

// Folder stands between the store and the files of one folder: it notes what
// is done and passes it on. Files that are there at the beginning are whole.
type Folder struct {
	Dir string
	// NoFlush takes every flush of a file or folder for done without noting it.
	NoFlush bool

	mu      sync.Mutex
	ops     []FolderOp
	commits []Commit
	start   map[string]Image
}

// NewFolder begins to note what happens in a folder.
func NewFolder(dir string) (*Folder, error) {
	f := &Folder{Dir: dir, start: map[string]Image{}}
	return f, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		f.start[f.name(path)] = Image{Data: bytes.TrimRight(b, "\x00"), Size: int64(len(b))}
		return err
	})
}

func (f *Folder) name(path string) string {
	name, err := filepath.Rel(f.Dir, path)
	if err != nil {
		return path
	}
	return name
}

// Has reports whether a path is in the folder.
func (f *Folder) Has(path string) bool {
	return strings.HasPrefix(path, f.Dir+string(filepath.Separator))
}

// Note adds an operation.
func (f *Folder) Note(kind OpKind, path string, op FolderOp) {
	f.mu.Lock()
	defer f.mu.Unlock()
	op.Kind, op.Name = kind, f.name(path)
	if op.To != "" {
		op.To = f.name(op.To)
	}
	if f.NoFlush && (kind == OpFlush || kind == OpFlushNames) {
		return
	}
	f.ops = append(f.ops, op)
}

// Begin notes that a commit is on its way, and Confirm that it was confirmed.
func (f *Folder) Begin(d Digest) (n int) {
	f.mu.Lock()
	f.commits = append(f.commits, Commit{Digest: d})
	n = len(f.commits) - 1
	f.mu.Unlock()
	f.Note(OpBegin, f.Dir, FolderOp{Op: Op{N: n}})
	return n
}

// Confirm notes that the caller was told of a commit.
func (f *Folder) Confirm(n int) { f.Note(OpConfirm, f.Dir, FolderOp{Op: Op{N: n}}) }

// Commits are all commits so far.
func (f *Folder) Commits() []Commit { return slices.Clone(f.commits) }

// WriteAt, Truncate and Sync are bbolt's and the store's way to one file.
func (f *Folder) WriteAt(file *os.File, b []byte, off int64) (int, error) {
	f.Note(OpWrite, file.Name(), FolderOp{Op: Op{Off: off, Data: slices.Clone(b)}})
	return file.WriteAt(b, off)
}

// Truncate makes a file longer.
func (f *Folder) Truncate(file *os.File, size int64) error {
	f.Note(OpTruncate, file.Name(), FolderOp{Op: Op{Off: size}})
	return file.Truncate(size)
}

// Sync flushes a file.
func (f *Folder) Sync(file *os.File) error {
	f.Note(OpFlush, file.Name(), FolderOp{})
	return nil
}

// Settles is true: what the store does when it opens a file is done.
func (f *Folder) Settles() bool { return true }

// FolderState is the files that a crash could have left.
type FolderState struct {
	Files            map[string]Image
	Confirmed, Begun int
}

// FolderWalk lists the states of a folder after a crash.
type FolderWalk struct {
	Folder  *Folder
	Subsets int // random choices of what is not flushed, at each operation
	Random  *rand.Rand

	names   map[string]int // as on the disk
	moves   []FolderOp     // of names, not on the disk
	here    map[string]int // as the process sees it
	flushed map[int]Image  // by file
	pending map[int][]Op
	state   FolderState
}

// Each hands out states until emit returns false.
func (w *FolderWalk) Each(emit func(FolderState) bool) {
	w.names, w.flushed, w.pending = map[string]int{}, map[int]Image{}, map[int][]Op{}
	for name, image := range w.Folder.start {
		w.names[name] = len(w.flushed)
		w.flushed[len(w.flushed)] = image
	}
	w.here = maps.Clone(w.names)
	for _, op := range w.Folder.ops {
		w.step(op)
		for k := 0; k <= len(w.moves); k++ {
			for n := range w.Subsets {
				if !emit(w.files(k, n)) {
					return
				}
			}
		}
	}
}

func (w *FolderWalk) step(op FolderOp) {
	switch op.Kind {
	case OpBegin:
		w.state.Begun = op.N
	case OpConfirm:
		w.state.Confirmed, w.state.Begun = op.N, op.N
	case OpFlush:
		id := w.file(op.Name)
		image := w.flushed[id].clone()
		for _, p := range w.pending[id] {
			image.apply(p, nil)
		}
		w.flushed[id], w.pending[id] = image, nil
	case OpWrite, OpTruncate:
		id := w.file(op.Name)
		w.pending[id] = append(w.pending[id], op.Op)
	case OpFlushNames:
		var rest []FolderOp
		for _, m := range w.moves {
			if filepath.Dir(m.Name) == op.Name {
				move(w.names, m)
			} else {
				rest = append(rest, m)
			}
		}
		w.moves = rest
	default:
		w.change(op)
	}
}

// file is the file under a name; one that was not there is made.
func (w *FolderWalk) file(name string) int {
	if id, ok := w.here[name]; ok {
		return id
	}
	id := len(w.flushed)
	w.flushed[id] = Image{}
	w.change(FolderOp{Op: Op{Kind: OpMake, N: id}, Name: name})
	return id
}

func (w *FolderWalk) change(op FolderOp) {
	move(w.here, op)
	w.moves = append(w.moves, op)
}

// move does to names what was done.
func move(names map[string]int, op FolderOp) {
	switch op.Kind {
	case OpMake:
		names[op.Name] = op.N
	case OpFolder:
		names[op.Name+"/"] = -1
	case OpRename:
		if id, ok := names[op.Name]; ok {
			names[op.To] = id
			delete(names, op.Name)
		}
	case OpRemove:
		delete(names, op.Name)
	}
}

// files are what is there after a crash: the first k changes of names, and of
// what was not flushed nothing, all, or any part.
func (w *FolderWalk) files(k, choice int) FolderState {
	names := maps.Clone(w.names)
	for _, m := range w.moves[:k] {
		move(names, m)
	}
	s := w.state
	s.Files = map[string]Image{}
	for name, id := range names {
		dir, _ := filepath.Split(name)
		if _, ok := names[dir]; id < 0 || dir != "" && !ok && !w.old(dir) {
			continue
		}
		image := w.flushed[id]
		if len(w.pending[id]) > 0 && choice > 0 {
			image = w.part(id, choice == 1)
		}
		s.Files[name] = image
	}
	return s
}

// old reports whether a folder was there at the beginning.
func (w *FolderWalk) old(dir string) bool {
	for name := range w.Folder.start {
		if strings.HasPrefix(name, dir) {
			return true
		}
	}
	return false
}

func (w *FolderWalk) part(id int, all bool) Image {
	image := w.flushed[id].clone()
	for _, p := range w.pending[id] {
		switch fate := w.Random.IntN(4); {
		case all || fate == 1:
			image.apply(p, nil)
		case fate == 2 && p.Kind == OpWrite:
			image.apply(p, func(int) bool { return w.Random.IntN(2) == 0 })
		}
	}
	return image
}

// Rename, Remove, Mkdir and SyncDir are what the store does to names.
func (f *Folder) Rename(from, to string) error {
	f.Note(OpRename, from, FolderOp{To: to})
	return os.Rename(from, to)
}

// Remove removes a file.
func (f *Folder) Remove(path string) error {
	if _, err := os.Lstat(path); err == nil {
		f.Note(OpRemove, path, FolderOp{})
	}
	return os.Remove(path)
}

// Mkdir makes a folder.
func (f *Folder) Mkdir(path string, mode os.FileMode) error {
	if _, err := os.Stat(path); err != nil {
		f.Note(OpFolder, path, FolderOp{})
	}
	return os.MkdirAll(path, mode)
}

// SyncDir flushes a folder's names.
func (f *Folder) SyncDir(dir *os.File) error {
	f.Note(OpFlushNames, dir.Name(), FolderOp{})
	return nil
}
