package words_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/words"
)

func TestEveryLanguageHasEverySentence(t *testing.T) {
	first := words.Languages()[0]
	for _, lang := range words.Languages()[1:] {
		if diff := cmp.Diff(words.Codes(first), words.Codes(lang)); diff != "" {
			t.Errorf("codes of %s and %s differ (-%s +%s):\n%s", first, lang, first, lang, diff)
		}
	}
}

func TestEveryLanguageFillsInTheSameValues(t *testing.T) {
	place := regexp.MustCompile(`\{\d\}`)
	for _, code := range words.Codes("zh") {
		zh, en := place.FindAllString(words.In("zh", code), -1), place.FindAllString(words.In("en", code), -1)
		slices.Sort(zh)
		slices.Sort(en)
		if diff := cmp.Diff(zh, en); diff != "" {
			t.Errorf("values in %q differ:\n%s", code, diff)
		}
	}
}

func TestInFillsInValues(t *testing.T) {
	if got, want := words.In("zh", "paid-too-little", "3.20"), "还差 ￥3.20"; got != want {
		t.Errorf("In = %q, want %q", got, want)
	}
	if got, want := words.In("en", "no-such-code"), "no-such-code"; got != want {
		t.Errorf("In = %q, want %q", got, want)
	}
}

func TestPlacesAreFilledInOneGo(t *testing.T) {
	if got, want := words.In("en", "paper-day-points", "{2}", "a", "{9}", "b"), "{2}: earned a, used {9}, given back b, taken back {5}"; got != want {
		t.Errorf("In = %q, want %q", got, want)
	}
}
