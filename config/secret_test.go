package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/config"
)

// TestSecretIsHidden shows settings in every way that a log or a page might
// (sec E4).
func TestSecretIsHidden(t *testing.T) {
	const word = "hush-hush"
	hq := config.Uplink{URL: "tcp://hq.example:1883", Password: word}
	asJSON, err := json.Marshal(hq)
	if err != nil {
		t.Fatal(err)
	}
	var text, lines bytes.Buffer
	slog.New(slog.NewJSONHandler(&lines, nil)).Info("start", "hq", hq, "password", hq.Password)
	slog.New(slog.NewTextHandler(&text, nil)).Info("start", "hq", hq, "password", hq.Password)
	for _, tc := range []struct{ name, shown string }{
		{"v", fmt.Sprintf("%v", hq)},
		{"plus-v", fmt.Sprintf("%+v", &hq)},
		{"sharp-v", fmt.Sprintf("%#v", hq)},
		{"s", fmt.Sprintf("%s", hq.Password)},
		{"q", fmt.Sprintf("%q", hq.Password)},
		{"x", fmt.Sprintf("%x", hq.Password)},
		{"d", fmt.Sprintf("%d", hq.Password)},
		{"string", hq.Password.String()},
		{"json", string(asJSON)},
		{"slog-json", lines.String()},
		{"slog-text", text.String()},
	} {
		t.Run(tc.name, func(t *testing.T) {
			hex := fmt.Sprintf("%x", word)
			if strings.Contains(tc.shown, word) || strings.Contains(tc.shown, hex) || !strings.Contains(tc.shown, "***") {
				t.Errorf("shown as %s: got %q, want *** for the secret", tc.name, tc.shown)
			}
		})
	}
	if got := hq.Password.Reveal(); got != word {
		t.Errorf("Reveal: got %q, want %q", got, word)
	}
}
