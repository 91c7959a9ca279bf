package crashproof

import "fmt"

// Judge holds what was found in a file against what must be true of it. It
// returns what is wrong, or "".
func Judge(tr Trace, s State, f Finding) string {
	confirmed, begun := tr.Commits[s.Confirmed], tr.Commits[s.Begun]
	switch {
	case f.Fault != "":
		return fmt.Sprintf("between commit %d and %d %v: %s", s.Confirmed, s.Begun, begun.Kinds, f.Fault)
	case f.Digest != confirmed.Digest && f.Digest != begun.Digest:
		return fmt.Sprintf("between commit %d and %d %v: the ledger holds neither the one nor the other", s.Confirmed, s.Begun, begun.Kinds)
	case s.Told.Seq > 0 && !f.has(s):
		return fmt.Sprintf("the cashier was told of %s, which is not there", s.Told)
	}
	return ""
}

func (f Finding) has(s State) bool {
	for _, stream := range f.Streams {
		if stream.Incarnation == s.Told.Incarnation && stream.Seq >= s.Told.Seq {
			return true
		}
	}
	return false
}
