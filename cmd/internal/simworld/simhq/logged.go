package simhq

import (
	"github.com/jifen-pos/jifen/cmd/internal/simworld/shelf"
	"github.com/jifen-pos/jifen/sync/hq/grant"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// logged is what a grant log says that HQ told terminals, read as far as it went
// when it was looked at last.
type logged struct {
	before map[ledger.TerminalID]ledger.DownSeq // what was said before the log began
	last   uint64
	sent   map[sent]bool
}

type sent struct {
	to  ledger.TerminalID
	raw string
}

// has reports whether a log has an entry for a terminal.
func (l *logged) has(of *shelf.Grants, to ledger.TerminalID, seq ledger.DownSeq, raw []byte) bool {
	if seq <= l.before[to] {
		return true
	}
	if l.sent == nil {
		l.sent = map[sent]bool{}
	}
	list, err := of.Records(l.last, 1<<30)
	for _, b := range list {
		r, bad := grant.Open(b)
		if err != nil || bad != nil {
			return false
		}
		if l.last = r.N; r.Down != nil {
			l.sent[sent{r.Down.Terminal, string(r.Down.Raw)}] = true
		}
	}
	return l.sent[sent{to, string(raw)}]
}
