package config

import (
	"fmt"
	"log/slog"
)

// hidden is what stands for a secret wherever one would be shown.
const hidden = "***"

// Secret is a text that must not reach a log, a page or a message (sec E4). It
// shows itself as *** in every verb of package fmt, in JSON and in slog. Keep it
// in exported fields: fmt does not ask unexported ones how they want to be
// shown. Never write settings back as TOML: that encoder does not ask either.
type Secret string

// Reveal gives the text itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String hides the text.
func (s Secret) String() string { return hidden }

// GoString hides the text.
func (s Secret) GoString() string { return hidden }

// Format hides the text from every verb, %x and %q too.
func (s Secret) Format(w fmt.State, _ rune) { _, _ = w.Write([]byte(hidden)) }

// MarshalText hides the text from encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue hides the text from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
