package receipt

import (
	"fmt"
	"html"
	"strings"

	"github.com/jifen-pos/jifen/devices/receipt/qr"
)

// HTML returns the document as a fragment for a page: an article of class
// "paper" with one element a line. It carries no style and no script of its own.
// Unlike paper it wraps where the reader's screen ends. A document that does
// not pass Check gives its title only.
func HTML(d Document) string {
	var b strings.Builder
	b.WriteString(`<article class="paper">` + "\n")
	if d.Check() != nil {
		d = Document{Lines: []Line{{Kind: KindText, Left: Printable(d.Title)}}}
	}
	for _, line := range d.Lines {
		b.WriteString(line.html())
	}
	b.WriteString("</article>\n")
	return b.String()
}

func (l Line) html() string {
	switch l.Kind {
	case KindColumns:
		return fmt.Sprintf("<p class=\"paper-pair%s\"><span>%s</span> <span>%s</span></p>\n", l.looks(), escape(l.Left), escape(l.Right))
	case KindRule:
		return "<hr class=\"paper-rule\">\n"
	case KindCut:
		return "<hr class=\"paper-cut\">\n"
	case KindFeed:
		return strings.Repeat("<br>\n", l.Count)
	case KindDrawer:
		return ""
	case KindQR:
		return "<figure class=\"paper-code\">" + qr.SVG(l.QR) + caption(l.Left) + "</figure>\n"
	case KindBitmap:
		return "<figure class=\"paper-picture\">" + qr.DrawSVG(l.Bitmap.Width, l.Bitmap.Height(), l.Bitmap.Black) + "</figure>\n"
	}
	place := map[Align]string{AlignLeft: "left", AlignCentre: "centre", AlignRight: "right"}[l.Align]
	return fmt.Sprintf("<p class=\"paper-text paper-%s%s\">%s</p>\n", place, l.looks(), escape(l.Left))
}

func (l Line) looks() string {
	looks := ""
	if l.Bold {
		looks += " paper-bold"
	}
	if l.Size == 2 {
		looks += " paper-large"
	}
	return looks
}

func escape(s string) string {
	return strings.ReplaceAll(html.EscapeString(Printable(s)), "\n", "<br>")
}

func caption(s string) string {
	if s == "" {
		return ""
	}
	return "<figcaption>" + escape(s) + "</figcaption>"
}
