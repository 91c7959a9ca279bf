package main

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing/fstest"

	_ "embed"

	"github.com/jifen-pos/jifen/terminal/webui"
)

//go:embed stories.html
var storiesPage string

// value is one token, with which every screen is drawn, as tokens.css has it.
type value struct{ Name, Light, Dark string }

// tokens are the colours, sizes of type, and spaces.
type tokens struct{ Colours, Type, Space []value }

var (
	property = regexp.MustCompile(`--([a-z-]+):\s*([^;]+);`)
	sizes    = regexp.MustCompile(`^(tiny|small|text|large|huge|giant)$`)
)

// readTokens reads them out of the style sheet that all screens share, so that
// the page shows what is used and nothing else.
func readTokens(css string) (t tokens) {
	light, dark, _ := strings.Cut(css, "@media (prefers-color-scheme: dark)")
	night := map[string]string{}
	for _, m := range property.FindAllStringSubmatch(dark, -1) {
		night[m[1]] = m[2]
	}
	for _, m := range property.FindAllStringSubmatch(light, -1) {
		one := value{m[1], m[2], night[m[1]]}
		switch {
		case strings.HasPrefix(m[2], "#"):
			t.Colours = append(t.Colours, one)
		case sizes.MatchString(m[1]):
			t.Type = append(t.Type, one)
		case strings.HasSuffix(m[2], "px"):
			t.Space = append(t.Space, one)
		}
	}
	return t
}

// style draws each token by its name: the page may hold no style of its own.
func (t tokens) style() string {
	var b strings.Builder
	b.WriteString(`.stories { padding: 24px; max-width: 1400px; margin: 0 auto; display: grid; gap: 24px; }
.stories h2 { margin-bottom: 8px; }
.stories ul { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 8px; }
.stories li { background: var(--card); border: 1px solid var(--line); border-radius: var(--round); padding: 8px 12px; overflow-wrap: anywhere; }
.stories a { color: var(--points); display: inline-flex; align-items: center; min-height: 44px; }
.stories code { color: var(--soft); font-size: var(--small); }
.swatch { display: block; height: 44px; border: 1px solid var(--line); border-radius: 6px; }
.bar { display: block; height: 14px; background: var(--brand); max-width: 100%; }
.sample { line-height: 1.2; white-space: nowrap; }
`)
	for _, c := range t.Colours {
		fmt.Fprintf(&b, ".c-%[1]s { background: var(--%[1]s); }\n", c.Name)
	}
	for _, c := range t.Type {
		fmt.Fprintf(&b, ".f-%[1]s { font-size: var(--%[1]s); }\n", c.Name)
	}
	for _, c := range t.Space {
		fmt.Fprintf(&b, ".s-%[1]s { width: var(--%[1]s); }\n", c.Name)
	}
	return b.String()
}

// mountStories serves the page that lists every state and shows the tokens.
func mountStories(s *webui.Server, pages func() []page) error {
	url, err := s.Asset("tokens.css")
	if err != nil {
		return err
	}
	got := httptest.NewRecorder()
	ask := httptest.NewRequest(http.MethodGet, url, nil)
	ask.Host = s.Addr()
	s.Handler().ServeHTTP(got, ask)
	t := readTokens(got.Body.String())
	if len(t.Colours) == 0 || len(t.Type) == 0 || len(t.Space) == 0 {
		return fmt.Errorf("no tokens in %s, which answered %d", url, got.Code)
	}
	if err := s.AddAssets(fstest.MapFS{"stories.css": {Data: []byte(t.style())}}); err != nil {
		return err
	}
	draw, err := template.New("stories").Funcs(template.FuncMap{"asset": s.Asset}).Parse(storiesPage)
	if err != nil {
		return err
	}
	s.Open("GET /stories", func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		if err := draw.Execute(&b, struct {
			tokens
			Pages []page
		}{t, pages()}); err != nil {
			s.Reply(w, r, err)
			return
		}
		s.HTML(w, b.Bytes())
	})
	return nil
}
