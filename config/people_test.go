package config_test

import (
	"testing"

	"github.com/jifen-pos/jifen/config"
)

func TestSomebodyMustOpenTheDay(t *testing.T) {
	for name, x := range map[string]struct {
		roles []string
		want  bool
	}{
		"nobody at all":   {nil, true},
		"cashiers alone":  {[]string{"", "cashier"}, true},
		"and an auditor":  {[]string{"cashier", "auditor"}, true},
		"one is a senior": {[]string{"cashier", "senior"}, false},
		"one is a keeper": {[]string{"keeper"}, false},
	} {
		var people []config.Person
		for _, r := range x.roles {
			people = append(people, config.Person{Role: r})
		}
		if got := config.NobodyOpensTheDay(people); got != x.want {
			t.Errorf("%s: NobodyOpensTheDay = %v, want %v", name, got, x.want)
		}
	}
}
