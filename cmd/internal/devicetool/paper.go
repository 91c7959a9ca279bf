package devicetool

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/devices/escpos/paper"
	"github.com/jifen-pos/jifen/devices/escpos/paper/codes"
)

// maxJobFile is the longest job that is read; a roll of paper is shorter.
const maxJobFile = 8 << 20

// PaperOptions say what ReadPaper makes of a job.
type PaperOptions struct {
	Width   int    // 58 or 80 for mm, else dots; 0 is what the job's pictures suggest
	Picture string // where the picture goes; a second paper gets "-2" before the ending; "" for none
	Text    bool   // write for people; else one JSON line a paper
}

// PaperReport is what stands on one paper and what else the job did.
type PaperReport struct {
	Text    string   `json:"text"`
	Codes   []string `json:"codes"`
	Cuts    int      `json:"cuts"`
	Kicks   int      `json:"drawer_kicks"`
	Unknown []string `json:"unknown"`
	Width   int      `json:"width"`
	Height  int      `json:"height"`
	Picture string   `json:"picture,omitempty"`
}

// ReadPaper reads a job, ours or another program's, and says what it prints.
// The papers before a fault are written all the same.
func ReadPaper(in io.Reader, o PaperOptions, out io.Writer) error {
	job, err := io.ReadAll(io.LimitReader(in, maxJobFile+1))
	if err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	if len(job) == 0 || len(job) > maxJobFile {
		return fmt.Errorf("%d bytes: %w", len(job), ErrJobFile)
	}
	dots, err := dotsOf(o.Width, job)
	if err != nil {
		return err
	}
	papers, fault := paper.Read(job, dots)
	papers = slices.DeleteFunc(papers, func(p paper.Paper) bool { return p.Blank() && p.Kicks == 0 && len(p.Unknown) == 0 })
	for i, p := range papers {
		report, err := reportOf(p, numbered(o.Picture, i+1))
		if err != nil {
			return err
		}
		if err := report.write(out, o.Text, i+1); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	return fault
}

// dotsOf tells how wide the paper is.
func dotsOf(width int, job []byte) (int, error) {
	switch {
	case width == 58:
		return 384, nil
	case width == 80:
		return 576, nil
	case width == 0:
		return paper.Suggest(job), nil
	case width >= paper.MinDots && width <= paper.MaxDots:
		return width, nil
	}
	return 0, fmt.Errorf("%d: %w", width, ErrDots)
}

// numbered names the picture of paper n.
func numbered(name string, n int) string {
	if name == "" || n == 1 {
		return name
	}
	ending := filepath.Ext(name)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ending), n, ending)
}

func reportOf(p paper.Paper, picture string) (PaperReport, error) {
	r := PaperReport{
		Text: p.Text, Codes: append([]string{}, p.Codes...), Cuts: p.Cuts, Kicks: p.Kicks, Unknown: append([]string{}, p.Unknown...),
		Width: p.Image.Rect.Dx(), Height: p.Image.Rect.Dy(), Picture: picture,
	}
	native := map[string]bool{}
	for _, c := range p.Codes {
		native[c] = true
	}
	for _, c := range codes.Read(p.Image) {
		if !native[c] {
			r.Codes = append(r.Codes, c)
		}
	}
	if picture == "" {
		return r, nil
	}
	png, err := paper.PNG(p)
	if err != nil {
		return r, err
	}
	if err := os.WriteFile(picture, png, 0o644); err != nil {
		return r, fmt.Errorf("write the picture: %w", err)
	}
	return r, nil
}

func (r PaperReport) write(out io.Writer, text bool, n int) error {
	if !text {
		return json.NewEncoder(out).Encode(r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "== paper %d: %d dots wide, %d long, %d cut(s), %d drawer kick(s)\n%s\n", n, r.Width, r.Height, r.Cuts, r.Kicks, r.Text)
	for _, c := range r.Codes {
		fmt.Fprintf(&b, "== QR: %s\n", c)
	}
	if len(r.Unknown) > 0 {
		fmt.Fprintf(&b, "== not understood: %s\n", strings.Join(r.Unknown, ", "))
	}
	if r.Picture != "" {
		fmt.Fprintf(&b, "== picture: %s\n", r.Picture)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
