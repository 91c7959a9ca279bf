package virtual

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/jifen-pos/jifen/devices/escpos/paper"
)

// Limits of the shelf.
const (
	MaxPapers    = 500      // older papers are thrown away
	maxPaperText = 16 << 10 // bytes of text kept beside a picture
)

// ErrNoPicture is returned for a name that is not that of a kept paper.
var ErrNoPicture = errors.New("no such paper")

// PaperInfo is one paper that a printer kept.
type PaperInfo struct {
	Name string // of the picture: paper-000001.png
	Time time.Time
	Text string
}

var paperName = regexp.MustCompile(`^paper-([0-9]{6,9})\.png$`)

// shelf is the folder of papers. Numbers go on over restarts.
type shelf struct {
	dir string

	mu     sync.Mutex
	papers []PaperInfo
	next   int
}

func openShelf(dir string) (*shelf, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of papers: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the folder of papers: %w", err)
	}
	s := &shelf{dir: dir, next: 1}
	for _, entry := range entries {
		if info, number, found := s.read(entry); found {
			s.papers = append(s.papers, info)
			s.next = max(s.next, number+1)
		}
	}
	slices.SortFunc(s.papers, func(a, b PaperInfo) int {
		if len(a.Name) != len(b.Name) {
			return len(a.Name) - len(b.Name)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return s, s.thin()
}

// read returns the paper that a file of the folder holds, and its number.
func (s *shelf) read(entry os.DirEntry) (info PaperInfo, number int, found bool) {
	match := paperName.FindStringSubmatch(entry.Name())
	file, err := entry.Info()
	if match == nil || err != nil || !file.Mode().IsRegular() {
		return info, 0, false
	}
	if _, err := fmt.Sscanf(match[1], "%d", &number); err != nil {
		return info, 0, false
	}
	text, _ := os.ReadFile(s.textFile(entry.Name())) // a paper without its text is still a paper
	return PaperInfo{Name: entry.Name(), Time: file.ModTime(), Text: clip(string(text))}, number, true
}

func (s *shelf) textFile(name string) string {
	return filepath.Join(s.dir, strings.TrimSuffix(name, ".png")+".txt")
}

func (s *shelf) list() []PaperInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.papers)
}

func (s *shelf) picture(name string) ([]byte, error) {
	if !paperName.MatchString(name) {
		return nil, ErrNoPicture
	}
	picture, err := os.ReadFile(filepath.Join(s.dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNoPicture
	}
	if err != nil {
		return nil, fmt.Errorf("read paper %s: %w", name, err)
	}
	return picture, nil
}

// keep stores a paper: first its text, so that every picture has one.
func (s *shelf) keep(sheet paper.Paper, at time.Time) (PaperInfo, error) {
	picture, err := paper.PNG(sheet)
	if err != nil {
		return PaperInfo{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	info := PaperInfo{Name: fmt.Sprintf("paper-%06d.png", s.next), Time: at, Text: clip(sheet.Text)}
	if err := replaceFile(s.textFile(info.Name), []byte(info.Text), at); err != nil {
		return PaperInfo{}, err
	}
	if err := replaceFile(filepath.Join(s.dir, info.Name), picture, at); err != nil {
		return PaperInfo{}, err
	}
	s.next++
	s.papers = append(s.papers, info)
	return info, s.thin()
}

// thin throws the oldest papers away.
func (s *shelf) thin() error {
	for len(s.papers) > MaxPapers {
		name := s.papers[0].Name
		for _, file := range []string{s.textFile(name), filepath.Join(s.dir, name)} {
			if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("throw away paper %s: %w", name, err)
			}
		}
		s.papers = slices.Delete(s.papers, 0, 1)
	}
	return nil
}

// replaceFile writes a file under another name first, so that nobody reads half of it.
func replaceFile(name string, data []byte, at time.Time) error {
	half := name + ".part"
	if err := os.WriteFile(half, data, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(name), err)
	}
	if err := os.Chtimes(half, at, at); err != nil {
		return fmt.Errorf("date %s: %w", filepath.Base(name), err)
	}
	if err := os.Rename(half, name); err != nil {
		return fmt.Errorf("name %s: %w", filepath.Base(name), err)
	}
	return nil
}

// clip cuts text at a character border.
func clip(text string) string {
	if len(text) <= maxPaperText {
		return text
	}
	n := maxPaperText
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
