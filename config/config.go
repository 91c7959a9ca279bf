// Package config holds the settings of both daemons: their shape, their
// defaults, and the checks that refuse a file before anything starts. It
// reports every fault of a file at once, each with its line and with what
// would be right. It never reads the environment, never opens a document that
// the settings only name, and starts nothing. Only cmd imports it: the other
// packages get options of their own.
package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// FileBytesMax is the largest settings file that is read, in bytes.
const FileBytesMax = 1 << 20

// LoadTerminal reads and checks a terminal's settings (jifend.toml). Relative
// paths in the file count from the file's own folder. A file with faults gives
// an error that wraps Faults.
func LoadTerminal(path string) (Terminal, error) {
	data, err := readFile(path)
	if err != nil {
		return Terminal{}, err
	}
	t, err := ParseTerminal(data)
	if err != nil {
		return Terminal{}, fmt.Errorf("settings in %s: %w", path, err)
	}
	t.place(filepath.Dir(path))
	return t, nil
}

// LoadHQ reads and checks HQ's settings (jifenhq.toml), by the same rules as
// LoadTerminal.
func LoadHQ(path string) (HQ, error) {
	data, err := readFile(path)
	if err != nil {
		return HQ{}, err
	}
	h, err := ParseHQ(data)
	if err != nil {
		return HQ{}, fmt.Errorf("settings in %s: %w", path, err)
	}
	h.place(filepath.Dir(path))
	return h, nil
}

// ParseTerminal reads a terminal's settings from TOML text, sets the defaults
// and checks the whole. Paths stay as written. Its error is of type Faults.
func ParseTerminal(data []byte) (Terminal, error) {
	t := terminalDefaults()
	if err := parse(data, &t); err != nil {
		return Terminal{}, err
	}
	return t, nil
}

// ParseHQ reads HQ's settings from TOML text, like ParseTerminal.
func ParseHQ(data []byte) (HQ, error) {
	h := hqDefaults()
	if err := parse(data, &h); err != nil {
		return HQ{}, err
	}
	return h, nil
}

// settings is what parse asks of the settings of either daemon.
type settings interface {
	complete()           // fills in what follows from the rest
	check(log *findings) // notes every fault
}

// parse fills s, which holds the defaults, from TOML text.
func parse(data []byte, s settings) error {
	doc, err := readDocument(data)
	if err != nil {
		return err
	}
	log := &findings{line: doc.line}
	doc.fill(s, log)
	s.complete()
	s.check(log)
	return log.err()
}

// readFile reads a settings file of at most FileBytesMax bytes.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the settings: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, FileBytesMax+1))
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	if len(data) > FileBytesMax {
		return nil, fmt.Errorf("read the settings: %s is longer than %d bytes", path, FileBytesMax)
	}
	return data, nil
}

// under gives path as seen from folder dir: an absolute or empty path as it is.
func under(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
