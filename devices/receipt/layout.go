package receipt

import (
	"fmt"
	"strings"
)

// MinColumns is the narrowest paper that Layout lays out, in columns.
const MinColumns = 16

// Row is one line of paper after layout: every text fits.
type Row struct {
	Kind  Kind
	Left  string // text, or left column
	Right string // right column
	QR    string
	Align Align
	Bold  bool
	Size  int // 1 or 2
	Count int // empty lines of a feed

	Bitmap *Bitmap
}

// Layout lays the document out for a paper of cols columns. It is the only
// place that wraps and cuts text; a QR's caption becomes a text row below it.
func Layout(d Document, cols int) ([]Row, error) {
	if cols < MinColumns {
		return nil, fmt.Errorf("lay out for %d columns: %w", cols, ErrLine)
	}
	if err := d.Check(); err != nil {
		return nil, fmt.Errorf("lay out document %q: %w", d.Title, err)
	}
	var rows []Row
	for _, line := range d.Lines {
		rows = append(rows, line.rows(cols)...)
	}
	return rows, nil
}

func (l Line) rows(cols int) []Row {
	row := Row{Kind: l.Kind, Align: l.Align, Bold: l.Bold, Size: max(l.Size, 1), Count: l.Count, Bitmap: l.Bitmap}
	switch l.Kind {
	case KindText:
		return row.wrap(l.Left, cols)
	case KindColumns:
		row.Right = Fit(l.Right, cols/row.Size)
		row.Left = Fit(l.Left, max(cols/row.Size-Width(row.Right)-gap(row.Right), 0))
	case KindRule:
		row.Left = strings.Repeat("-", cols/row.Size)
	case KindQR:
		row.QR = l.QR
		caption := Row{Kind: KindText, Align: AlignCentre, Bold: l.Bold, Size: row.Size}
		if l.Left == "" {
			return []Row{row}
		}
		return append([]Row{row}, caption.wrap(l.Left, cols)...)
	}
	return []Row{row}
}

func (r Row) wrap(text string, cols int) []Row {
	var rows []Row
	for _, line := range Wrap(text, cols/r.Size) {
		r.Left = line
		rows = append(rows, r)
	}
	return rows
}

// gap keeps one column free between name and amount.
func gap(right string) int {
	if right == "" {
		return 0
	}
	return 1
}

// Spread returns a columns row as one text of exactly cols columns.
func (r Row) Spread(cols int) string {
	return r.Left + strings.Repeat(" ", max(cols-Width(r.Left)-Width(r.Right), 0)) + r.Right
}

// PlainText returns the document as text of cols columns: for a screen, a log
// of papers, or a reader without eyes for pictures. A document that does not
// pass Check gives its title only.
func PlainText(d Document, cols int) string {
	rows, err := Layout(d, cols)
	if err != nil {
		return Printable(d.Title) + "\n"
	}
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(row.plain(cols))
	}
	return b.String()
}

func (r Row) plain(cols int) string {
	switch r.Kind {
	case KindColumns:
		return r.Spread(cols) + "\n"
	case KindRule:
		return strings.Repeat("-", cols) + "\n"
	case KindQR:
		return "[QR] " + r.QR + "\n"
	case KindBitmap:
		return fmt.Sprintf("[%dx%d]\n", r.Bitmap.Width, r.Bitmap.Height())
	case KindDrawer:
		return ""
	case KindFeed:
		return strings.Repeat("\n", r.Count)
	case KindCut:
		return strings.Repeat("=", cols) + "\n"
	}
	return r.indent(cols) + r.Left + "\n"
}

func (r Row) indent(cols int) string {
	free := max(cols-Width(r.Left), 0)
	switch r.Align {
	case AlignCentre:
		return strings.Repeat(" ", free/2)
	case AlignRight:
		return strings.Repeat(" ", free)
	}
	return ""
}
