// Package codes reads the QR codes on the picture of a paper, whoever drew them.
//
// It is for pictures dot by dot as package paper makes them, not for
// photographs. It reads no file.
package codes

import (
	"fmt"
	"image"
	"image/color"
	"slices"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// MaxCodes is the most that one paper is searched for.
const MaxCodes = 16

// quiet is the white that is put around a code that is cut out.
const quiet = 24

// Read returns the texts of the QR codes on a picture, from the top. A code that
// cannot be read is left out.
func Read(picture *image.Paletted) []string {
	var texts []string
	if picture == nil {
		return nil
	}
	for _, block := range blocks(picture) {
		if len(texts) == MaxCodes {
			break
		}
		if text, err := decode(picture, block); err == nil && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// decode reads the one code in a part of the picture. The library ends some
// faults of its own with a panic.
func decode(picture *image.Paletted, block image.Rectangle) (text string, err error) {
	defer func() {
		if p := recover(); p != nil {
			text, err = "", fmt.Errorf("read QR: %v", p)
		}
	}()
	cut := image.NewGray(image.Rect(0, 0, block.Dx()+2*quiet, block.Dy()+2*quiet))
	for i := range cut.Pix {
		cut.Pix[i] = 0xFF
	}
	for y := range block.Dy() {
		for x := range block.Dx() {
			if picture.ColorIndexAt(block.Min.X+x, block.Min.Y+y) != 0 {
				cut.SetGray(quiet+x, quiet+y, color.Gray{})
			}
		}
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(cut)
	if err != nil {
		return "", fmt.Errorf("read QR: %w", err)
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true}
	result, err := qrcode.NewQRCodeReader().Decode(bits, hints)
	if err != nil {
		return "", fmt.Errorf("read QR: %w", err)
	}
	return result.GetText(), nil
}
