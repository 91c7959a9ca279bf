// Package page holds what the cashier's screen is drawn from: its templates and
// its style. It is data only; what is put into the templates, and what a
// command does, stands in package cashier.
package page

import "embed"

// The files of the screen: the templates, and the assets that browsers fetch.
var (
	//go:embed template/*.html
	Templates embed.FS
	//go:embed asset
	Assets embed.FS
)
