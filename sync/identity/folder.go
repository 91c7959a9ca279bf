package identity

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder keeps papers in files of a folder. Write puts one in place whole.
type Folder struct {
	Path  string
	Write func(path string, b []byte) error
}

// Load returns what a file holds, or nil.
func (f Folder) Load(name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(f.Path, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// Save writes a file.
func (f Folder) Save(name string, b []byte) error {
	if err := os.MkdirAll(f.Path, 0o700); err != nil {
		return err
	}
	return f.Write(filepath.Join(f.Path, name), b)
}
