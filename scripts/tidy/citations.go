package tidy

import (
	"regexp"
	"strings"
)

// Rules of the business and of the reference are cited with a prefix that says
// where they stand: cap, rule, law, ask, feat, fault, bolt, sec, hq, perf and a
// letter with a number; trap, dev and sync and a number.
var (
	// cited is a prefix and the ids that follow it, as in "rule S06, S07 and S09".
	cited = regexp.MustCompile(`\b(?i:cap|rule|law|ask|feat|fault|bolt|sec|hq|perf|trap|dev|sync)s? [A-Z]\d{1,3}` +
		`(?:(?:, | and | or | to |, and |/|–|-)[A-Z]?\d{1,3})*\b`)
	// quoted is text that is shown as it is.
	quoted = regexp.MustCompile("`[^`\n]*`|\"[^\"\n]*\"")
	// bare is an id that stands alone. Letters that mean other things in our
	// trade are left out: A4 paper, C1 control codes, T88 printers.
	bare = regexp.MustCompile(`(?:^|[\s(\[,;])([DEFHKLOPRSUVW]\d{1,2})(?:$|[\s)\],;:.])`)
	// functionKey is a key of the keyboard, one to twelve; ids of features have two
	// digits, or more than twelve.
	functionKey = regexp.MustCompile(`^F([1-9]|1[0-2])$`)
)

// checkRuleIDs finds ids of rules in comments that no prefix places.
func checkRuleIDs(t *Tree, _ Layers) []Finding {
	var found []Finding
	for _, f := range t.Go {
		for _, group := range f.AST.Comments {
			var lines []string
			for _, c := range group.List {
				lines = append(lines, strings.Split(c.Text, "\n")...)
			}
			for _, id := range bareIDs(lines) {
				found = append(found, Finding{
					f.Path, f.Line(group.Pos()) + id.line,
					"cites " + id.text + " without where it stands: cap, rule, law, ask, feat, fault, bolt, sec, hq, perf",
				})
			}
		}
	}
	return found
}

// bareID is an id that stands alone, and its line within the comment, from 0.
type bareID struct {
	line int
	text string
}

// bareIDs gives the ids of a comment that stand alone. A prefix at the end of a
// line places an id at the start of the next.
func bareIDs(lines []string) []bareID {
	var found []bareID
	last := ""
	for i, line := range lines {
		line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "/*"))
		joined := last + " " + line
		kept := cited.ReplaceAllString(quoted.ReplaceAllString(joined, " _ "), " _ ")
		for _, m := range bare.FindAllStringSubmatch(kept, -1) {
			if !functionKey.MatchString(m[1]) && strings.Contains(line, m[1]) {
				found = append(found, bareID{i, m[1]})
			}
		}
		last = lastWords(line)
	}
	return found
}

// lastWords gives the end of a line that may begin a citation: its last words,
// without ids that were judged with their own line.
func lastWords(line string) string {
	words := strings.Fields(line)
	return strings.Join(words[max(len(words)-3, 0):], " ")
}
