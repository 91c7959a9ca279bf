package clerk

import (
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Programme is what decides now.
func (c *Clerk) Programme() *programme.Programme { return c.programme.Load() }

// UseProgramme has another programme decide from here on: no transaction goes
// by both. swap runs in between.
func (c *Clerk) UseProgramme(p *programme.Programme, swap func()) error {
	c.ruling.Lock()
	c.programme.Store(p)
	swap()
	c.ruling.Unlock()
	return c.tellInForce()
}

// Terminal is whose journal it writes.
func (c *Clerk) Terminal() ledger.TerminalID { return c.o.Terminal }
