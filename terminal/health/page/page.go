// Package page holds what the health page is drawn from: its template and its
// style. It is data only.
package page

import "embed"

// The files of the page: the templates, and the assets that browsers fetch.
var (
	//go:embed template/*.html
	Templates embed.FS
	//go:embed asset
	Assets embed.FS
)
