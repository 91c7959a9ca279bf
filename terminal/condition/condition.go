// Package condition is the one expression language of programme documents: a
// part of CEL, the Common Expression Language, over what is known of a sale. A
// condition is checked for its types and for what it can cost at most when the
// document is read; evaluating it is exact, the same on every machine, and
// cannot loop or look at anything else. What it accepts means what it means in
// CEL; the tests hold it against Google's own implementation.
package condition

import (
	"errors"

	"github.com/jifen-pos/jifen/terminal/document"
)

// Limits of one condition.
const (
	BytesMax  = 500
	CostMax   = 200 // one for each operator and value
	countCost = 10  // what counting goods of a kind counts as: a walk over the basket
)

// ErrCondition matches every error about what a condition says.
var ErrCondition = errors.New("not a condition")

// Error says what is wrong with a condition and where, in both languages. It
// matches ErrCondition.
type Error struct {
	Column int // from 1; 0 is the whole of it
	document.Text
}

func (e *Error) Error() string { return e.Say().EN }

// Say is the error with its place, in both languages.
func (e *Error) Say() document.Text {
	if e.Column == 0 {
		return e.Text
	}
	return document.Text{ZH: located.Fill(e.Column, e.ZH).ZH, EN: located.Fill(e.Column, e.EN).EN}
}

// Is makes the error match ErrCondition.
func (e *Error) Is(target error) bool { return target == ErrCondition }

// Condition is one that has been checked. The zero Condition always holds.
type Condition struct {
	text string
	run  *node
	cost int
}

// Text is what the document says, "" for the condition that always holds.
func (c Condition) Text() string { return c.text }

// Equal reports whether two conditions say the same.
func (c Condition) Equal(other Condition) bool { return c.text == other.text }

// Cost is the most that evaluating it can cost.
func (c Condition) Cost() int { return c.cost }

// Holds evaluates the condition. One that runs over the range of whole numbers
// on the way does not hold.
func (c Condition) Holds(f *Facts) bool {
	if c.run == nil {
		return true
	}
	v, ok := c.run.eval(f)
	return ok && v.truth()
}

// What can be wrong with a condition.
var (
	located     = document.Text{ZH: "第 %d 个字符处：%s", EN: "at %d: %s"}
	tooLong     = document.Text{ZH: "超过 %d 字节", EN: "more than %d bytes"}
	tooDear     = document.Text{ZH: "代价可能达到 %d，上限是 %d", EN: "it may cost %d, the limit is %d"}
	noTruth     = document.Text{ZH: "结果既不是真也不是假", EN: "it is neither true nor false"}
	notHere     = document.Text{ZH: "这里不能写 %q", EN: "%q does not belong here"}
	endsEarly   = document.Text{ZH: "没有写完", EN: "it ends too early"}
	notKnown    = document.Text{ZH: "没有名为 %q 的事实", EN: "%q is nothing that is known of a sale"}
	notText     = document.Text{ZH: "文字没有用引号结束，或含有不认识的转义", EN: "the text has no closing quotation mark, or an escape that is not known"}
	notNumber   = document.Text{ZH: "%q 不是 64 位以内的整数", EN: "%q is no whole number of 64 bits"}
	wrongTypes  = document.Text{ZH: "%q 两边不是同一类，或不是它能用的类", EN: "%q does not go with what stands beside it"}
	notOneThing = document.Text{ZH: "%q 后面要有一列同类的值", EN: "%q wants a list of values of one kind after it"}
)

// Compile checks a condition. The error is an *Error.
func Compile(text string) (Condition, error) {
	if len(text) > BytesMax {
		return Condition{}, &Error{Text: tooLong.Fill(BytesMax)}
	}
	p := parser{text: text}
	p.next()
	root := p.expression()
	if p.err == nil && p.token != "" {
		p.fail(p.at, notHere, p.token)
	}
	if p.err != nil {
		return Condition{}, p.err
	}
	if root.kind != truth {
		return Condition{}, &Error{Text: noTruth}
	}
	if most := root.cost(); most > CostMax {
		return Condition{}, &Error{Text: tooDear.Fill(most, CostMax)}
	}
	return Condition{text: text, run: root, cost: root.cost()}, nil
}
