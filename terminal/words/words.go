// Package words is the catalogue of every sentence a person reads, on screens
// and on paper, in Chinese and in English: one file a language, one line a
// sentence. It fills in values and chooses the language; it formats no money
// and knows no screen.
package words

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
)

//go:embed zh.txt
var chinese string

//go:embed en.txt
var english string

var catalogue = map[string]map[string]string{"zh": read(chinese), "en": read(english)}

// Languages are the languages of the catalogue, the first one first.
func Languages() []string { return []string{"zh", "en"} }

// In returns the sentence of a code in a language, with {1}, {2} … replaced by
// the values given. A language that is not in the catalogue is Chinese; a code
// that is not is returned as it is, so that it is noticed.
func In(lang, code string, values ...string) string {
	sentences, ok := catalogue[lang]
	if !ok {
		sentences = catalogue["zh"]
	}
	sentence, ok := sentences[code]
	if !ok {
		return code
	}
	if len(values) == 0 {
		return sentence
	}
	return fill(sentence, values)
}

// fill puts values in their places, "{1}" for the first, in one go: a value that
// looks like a place is none, and a place without a value stays.
func fill(sentence string, values []string) string {
	var b strings.Builder
	b.Grow(len(sentence) + 16*len(values))
	for {
		i := strings.IndexByte(sentence, '{')
		if i < 0 || i+2 >= len(sentence) {
			break
		}
		n := int(sentence[i+1] - '1')
		if sentence[i+2] != '}' || n < 0 || n >= len(values) {
			b.WriteString(sentence[:i+1])
			sentence = sentence[i+1:]
			continue
		}
		b.WriteString(sentence[:i])
		b.WriteString(values[n])
		sentence = sentence[i+3:]
	}
	b.WriteString(sentence)
	return b.String()
}

// Codes lists the codes of a language in order.
func Codes(lang string) []string { return slices.Sorted(maps.Keys(catalogue[lang])) }

// read reads lines of the form "code = sentence"; blank lines and those that
// start with # are passed over.
func read(text string) map[string]string {
	sentences := map[string]string{}
	for line := range strings.Lines(text) {
		code, sentence, ok := strings.Cut(line, " = ")
		if ok && !strings.HasPrefix(line, "#") {
			sentences[strings.TrimSpace(code)] = strings.TrimSpace(sentence)
		}
	}
	return sentences
}
