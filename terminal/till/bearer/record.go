package bearer

import (
	"cmp"
	"errors"
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till/view"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Record takes the slip of the last day's close as a witness: nothing is missing
// here, or something is. A receipt's certificate of this terminal is only verified.
func (b *Bearer) Record(by clerk.By, text string) (m view.Message, err error) {
	if c, err := token.OpenCertificate(text, b.Keys().Find); err == nil {
		return message(view.OK, "certificate-good", c.Entry), nil
	}
	v, head, err := b.o.Clerk.Testify(by, ledger.SlipWitness, text)
	if errors.Is(err, clerk.ErrForeign) {
		return m, view.Refuse("witness-foreign")
	}
	if err != nil {
		return m, err
	}
	level := map[clerk.Verdict]view.Level{clerk.WitnessFreed: view.OK, clerk.WitnessLost: view.Refused, clerk.WitnessBoard: view.Refused}[v]
	return message(cmp.Or(level, view.Attention), string(v), b.o.Stamp(time.Unix(int64(head.Minute)*60, 0))), nil
}

func message(level view.Level, code string, about any) view.Message {
	m := view.Message{Level: level, Code: code}
	m.Args = append(m.Args, view.Plain(about))
	return m
}
