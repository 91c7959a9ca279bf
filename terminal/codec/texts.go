package codec

import "unicode/utf8"

// Few short texts are most of those that are read: the names of assets and of what
// they are for. A coder that met one lately need not make it again.
const (
	textsKept = 64
	shortMost = 32 // bytes
)

// texts are short texts that were read, each where its bytes say.
type texts [textsKept]string

// of is the text of some bytes; ok is false where they are not UTF-8.
func (t *texts) of(b []byte) (text string, ok bool) {
	if len(b) == 0 {
		return "", true
	}
	if len(b) > shortMost {
		return string(b), utf8.Valid(b)
	}
	at := &t[(uint(b[0])+3*uint(b[len(b)/2])+5*uint(b[len(b)-1])+7*uint(len(b)))%textsKept]
	if *at == string(b) {
		return *at, true
	}
	if !utf8.Valid(b) {
		return "", false
	}
	*at = string(b)
	return *at, true
}
