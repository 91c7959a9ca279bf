// Package boothead leaves the head of a terminal's journal on tmpfs after each
// commit. In the same boot it proves that the ledger found at the next start is
// not an older one. It decides nothing: what it left is a witness, or nothing.
package boothead

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Head is the file with the newest head.
type Head struct {
	boot string
	path string
}

// New names the file, in a folder on tmpfs, after the ledger's own place, so that
// two terminals on one machine do not meet. boot is the operating system's id of
// this boot.
func New(folder, boot, data string) (*Head, error) {
	place, err := filepath.Abs(data)
	if err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	sum := sha256.Sum256([]byte(place))
	return &Head{boot: boot, path: filepath.Join(folder, "jifend-"+hex.EncodeToString(sum[:8])+".head")}, nil
}

// mark is what stands in the file.
type mark struct {
	Boot string
	Head ledger.Head
	Sum  [sha256.Size]byte
}

func (m *mark) Fields(c *codec.Coder) {
	codec.String(c, 1, &m.Boot, ledger.TextBytesMax)
	codec.Value(c, 2, &m.Head)
	codec.Array(c, 3, m.Sum[:])
}

func (m *mark) sum() [sha256.Size]byte {
	return sha256.Sum256(codec.Append([]byte(m.Boot), &m.Head))
}

// Read returns the head left in this boot, or nil.
func (b *Head) Read() (*ledger.Head, error) {
	raw, err := os.ReadFile(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the head left by this boot: %w", err)
	}
	var m mark
	if err := codec.Unmarshal(raw, &m); err != nil || m.Sum != m.sum() || m.Boot != b.boot || b.boot == "" {
		return nil, nil // half written, or of another boot: no proof
	}
	return &m.Head, nil
}

// Write leaves a head; it is renamed into place, so that it is whole or old.
func (b *Head) Write(head ledger.Head) error {
	m := mark{Boot: b.boot, Head: head}
	m.Sum = m.sum()
	aside := b.path + ".new"
	if err := os.WriteFile(aside, codec.Marshal(&m), 0o600); err != nil {
		return fmt.Errorf("leave the head of this boot: %w", err)
	}
	if err := os.Rename(aside, b.path); err != nil {
		return fmt.Errorf("leave the head of this boot: %w", err)
	}
	return nil
}
