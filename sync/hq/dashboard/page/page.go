// Package page holds what HQ's dashboard is drawn from: its templates and its
// style. It is data only; what is put into the templates stands in package
// dashboard.
package page

import "embed"

// The files of the dashboard: the templates, and the assets that browsers
// fetch.
var (
	//go:embed template/*.html
	Templates embed.FS
	//go:embed asset
	Assets embed.FS
)
