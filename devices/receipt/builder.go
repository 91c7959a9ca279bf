package receipt

// Style changes how a line looks. Styles add up.
type Style uint8

// The styles of a text line or of a pair.
const (
	Bold  Style = 1 << iota // thicker strokes
	Large                   // twice as high and wide
)

// New returns an empty document with a title.
func New(title string) *Document { return &Document{Title: title} }

// Text adds text at the left edge. Long text goes on in the next line.
func (d *Document) Text(text string, styles ...Style) { d.text(AlignLeft, text, styles) }

// Centre adds text in the middle of the paper.
func (d *Document) Centre(text string, styles ...Style) { d.text(AlignCentre, text, styles) }

// Right adds text at the right edge.
func (d *Document) Right(text string, styles ...Style) { d.text(AlignRight, text, styles) }

// Pair adds a name at the left edge and an amount at the right edge, in one
// line. A name that does not fit is cut with "…"; the amount stays whole.
func (d *Document) Pair(left, right string, styles ...Style) {
	d.add(Line{Kind: KindColumns, Left: left, Right: right}, styles)
}

// Rule adds a line across the paper.
func (d *Document) Rule() { d.add(Line{Kind: KindRule}, nil) }

// QR adds a QR code with a caption below it. An empty caption adds no line.
func (d *Document) QR(text, caption string) {
	d.add(Line{Kind: KindQR, QR: text, Left: caption}, nil)
}

// Feed adds n empty lines.
func (d *Document) Feed(n int) { d.add(Line{Kind: KindFeed, Count: n}, nil) }

// Picture adds a picture in the middle of the paper.
func (d *Document) Picture(b *Bitmap) { d.add(Line{Kind: KindBitmap, Bitmap: b}, nil) }

// Drawer opens the cash drawer here, in order with what is printed (dev 10.2).
func (d *Document) Drawer() { d.add(Line{Kind: KindDrawer}, nil) }

// Again returns the document as it is printed another time: banner on top, and
// the drawer left shut (dev 4.4, point 9).
func (d *Document) Again(banner string) *Document {
	again := New(d.Title)
	again.Centre(banner, Bold)
	again.Lines = append(again.Lines, d.Shut().Lines...)
	return again
}

// Shut returns the document with the drawer left shut.
func (d *Document) Shut() *Document {
	shut := New(d.Title)
	for _, line := range d.Lines {
		if line.Kind != KindDrawer {
			shut.Lines = append(shut.Lines, line)
		}
	}
	return shut
}

// Codes lists the texts of the QR codes, in order.
func (d *Document) Codes() []string {
	var codes []string
	for _, line := range d.Lines {
		if line.Kind == KindQR {
			codes = append(codes, line.QR)
		}
	}
	return codes
}

// Cut ends this paper. What follows is on the next one.
func (d *Document) Cut() { d.add(Line{Kind: KindCut}, nil) }

func (d *Document) text(align Align, text string, styles []Style) {
	d.add(Line{Kind: KindText, Left: text, Align: align}, styles)
}

func (d *Document) add(line Line, styles []Style) {
	for _, style := range styles {
		if style&Bold != 0 {
			line.Bold = true
		}
		if style&Large != 0 {
			line.Size = 2
		}
	}
	d.Lines = append(d.Lines, line)
}
