package webui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

const assetPath = "/assets/"

//go:embed asset
var sharedFiles embed.FS

// shared are the assets of every page.
var shared = mustSub(sharedFiles, "asset")

func mustSub(files embed.FS, folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// assets are files that never change under their URL, which carries a hash of
// what is in them.
type assets struct {
	byName map[string]string
	byURL  map[string]asset
}

type asset struct {
	kind string
	body []byte
}

// kinds are the media types by ending; the machine's own table is not asked,
// so that every machine serves alike.
var kinds = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png",
}

// Dress serves the assets of a page, from its folder "asset", and reads what it is
// drawn from: the folder "template".
func (s *Server) Dress(assets, templates fs.FS) (*template.Template, error) {
	sub, err := fs.Sub(assets, "asset")
	if err == nil {
		err = s.AddAssets(sub)
	}
	if err != nil {
		return nil, err
	}
	return template.ParseFS(templates, "template/*.html")
}

// AddAssets serves the files of a folder under hashed names. It must be called
// before the server runs.
func (s *Server) AddAssets(files fs.FS) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("asset %s: %w", name, err)
		}
		return s.assets.add(path.Base(name), body)
	})
}

func (a *assets) add(name string, body []byte) error {
	end := path.Ext(name)
	kind, ok := kinds[end]
	if !ok {
		kind = mime.TypeByExtension(end)
	}
	if _, double := a.byName[name]; double || kind == "" {
		return fmt.Errorf("asset %s: its name stands twice or its kind is unknown", name)
	}
	sum := sha256.Sum256(body)
	url := assetPath + strings.TrimSuffix(name, end) + "." + hex.EncodeToString(sum[:6]) + end
	a.byName[name], a.byURL[url] = url, asset{kind, body}
	return nil
}

func (a *assets) serve(w http.ResponseWriter, r *http.Request) {
	file, ok := a.byURL[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", file.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(file.body)
}

// Asset is the URL of an asset by its plain name, for templates.
func (s *Server) Asset(name string) (string, error) {
	url, ok := s.assets.byName[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return url, nil
}
