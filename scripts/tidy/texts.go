package tidy

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// checkTitles wants one title in each Markdown file.
func checkTitles(t *Tree, _ Layers) []Finding {
	var found []Finding
	for p, text := range t.Texts {
		if path.Ext(p) != ".md" {
			continue
		}
		if n := titles(text); n != 1 {
			found = append(found, Finding{Path: p, Message: fmt.Sprintf("has %d titles, want one line that begins with # and a blank", n)})
		}
	}
	return found
}

// titles counts the titles of a text, those within code left out.
func titles(text string) int {
	n, code := 0, false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "```"):
			code = !code
		case !code && strings.HasPrefix(line, "# "):
			n++
		}
	}
	return n
}

// leftOver is what a person leaves behind to come back to. It is put together
// here so that this line is not found.
var leftOver = regexp.MustCompile(`\b(` + "TO" + `DO|FIX` + `ME)\b`)

// checkLeftOvers finds what somebody meant to come back to: it belongs in an
// issue.
func checkLeftOvers(t *Tree, _ Layers) []Finding {
	var found []Finding
	look := func(p, text string) {
		n := 0
		for line := range strings.Lines(text) {
			n++
			if word := leftOver.FindString(line); word != "" {
				found = append(found, Finding{p, n, "has a left-over " + word + "; do it, or put it into an issue"})
			}
		}
	}
	for p, text := range t.Texts {
		look(p, text)
	}
	for _, f := range t.Go {
		look(f.Path, f.Text)
	}
	return found
}

// replaceLine is a replace directive, or the head of a block of them.
var replaceLine = regexp.MustCompile(`^\s*replace\b`)

// checkReplace finds replace directives: what we build is what others get.
func checkReplace(t *Tree, _ Layers) []Finding {
	var found []Finding
	n := 0
	for line := range strings.Lines(t.Texts["go.mod"]) {
		n++
		if replaceLine.MatchString(line) {
			found = append(found, Finding{"go.mod", n, "has a replace directive; others would build something else"})
		}
	}
	return found
}

// card is what may stand at the top of the tree, beside names with a dot first.
var card = []string{
	"cmd/", "config/", "devices/", "scripts/", "sync/", "terminal/",
	"Makefile", "README.md", "README.zh-CN.md", "go.mod", "go.sum",
}

// checkTopLevel finds what lies at the top of the tree and isn't on the card.
func checkTopLevel(t *Tree, _ Layers) []Finding {
	var found []Finding
	for _, name := range t.Top {
		if !strings.HasPrefix(name, ".") && !slices.Contains(card, name) {
			found = append(found, Finding{Path: name, Message: "does not belong at the top of the tree"})
		}
	}
	return found
}
