package office

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Alias says that a member is an older one, or takes that back (rule S27). It
// rewrites no lot.
type Alias struct {
	From member.ID
	To   member.ID
	Undo bool
	By
}

// Fields lists the message's fields.
func (a *Alias) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &a.From)
	codec.Uint(c, 2, &a.To)
	codec.Bool(c, 3, &a.Undo)
	a.By.fields(c)
	if c.Reading() && (a.From == 0 || a.To == 0 || a.From == a.To) {
		c.Refuse("alias of nobody, or of oneself")
	}
}

// Kind is alias.
func (*Alias) Kind() string { return "alias" }

// Moves is nothing.
func (*Alias) Moves(lot.Origin) Moves { return Moves{} }

// Ruling sets a member's tier, and whether they may spend.
type Ruling struct {
	Member  member.ID
	Tier    string
	Blocked bool
	// Of the tier: begun, safe until, when a step down was told; 0 is not known.
	Since, Until, Told lot.Day
	By
}

// Fields lists the message's fields.
func (s *Ruling) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &s.Member)
	codec.String(c, 2, &s.Tier, TextBytesMax)
	codec.Bool(c, 3, &s.Blocked)
	codec.Int(c, 4, &s.Since)
	codec.Int(c, 5, &s.Until)
	codec.Int(c, 6, &s.Told)
	s.By.fields(c)
}

// Kind is ruling.
func (*Ruling) Kind() string { return "ruling" }

// Moves is nothing.
func (*Ruling) Moves(lot.Origin) Moves { return Moves{} }

// Rank is a step of a ladder and for how long it is safe.
type Rank struct {
	Step               string
	Since, Until, Told lot.Day // begun, safe until, when a step down was told; 0 is not known
}

// Fields lists the message's fields.
func (r *Rank) Fields(c *codec.Coder) {
	codec.String(c, 1, &r.Step, TextBytesMax)
	codec.Int(c, 2, &r.Since)
	codec.Int(c, 3, &r.Until)
	codec.Int(c, 4, &r.Told)
}

// Grading sets a member's green grade (cap P2).
type Grading struct {
	Member member.ID
	Rank   Rank
	By
}

// Fields lists the message's fields.
func (g *Grading) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &g.Member)
	codec.Value(c, 2, &g.Rank)
	g.By.fields(c)
}

// Kind is grading.
func (*Grading) Kind() string { return "grading" }

// Moves is nothing.
func (*Grading) Moves(lot.Origin) Moves { return Moves{} }
