// Package demo holds the documents of the demonstration: a programme with a year
// of campaigns, the products of four merchants and twenty members. It is data only; nobody in it
// is a real person, and no shop may sell by it.
package demo

import (
	"bytes"
	_ "embed"
	"slices"
)

// The documents, to be read by terminal/programme.
var (
	//go:embed programme.yaml
	Programme []byte
	//go:embed products.csv
	Products []byte
	//go:embed members.csv
	Members []byte
)

// Seasons are the parts of the programme that make its year; without them it is a
// programme of points, benefits, coupons and tiers.
var Seasons = []string{
	"campaigns", "groups", "medals", "games", "tasks", "launches", "schemes", "birthday", "referral", "activities", "surveys", "reviews", "experiences", "receipt", "excluded",
}

// Without is the programme without some of its parts, for who says them otherwise.
func Without(parts ...string) []byte {
	var out []byte
	leave := false
	for line := range bytes.Lines(Programme) {
		if key, _, ok := bytes.Cut(line, []byte(":")); ok && len(key) > 0 && key[0] >= 'a' && key[0] <= 'z' {
			leave = slices.Contains(parts, string(key))
		}
		if !leave {
			out = append(out, line...)
		}
	}
	return out
}
