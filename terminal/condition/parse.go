package condition

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jifen-pos/jifen/terminal/document"
)

// parser reads a condition by recursive descent and checks it on the way. After
// the first error everything it gives is of no meaning.
type parser struct {
	text  string
	rest  int    // where the text goes on
	at    int    // where the token stands, in bytes
	token string // as written, "" at the end
	word  string // of a quoted text: what it says
	err   error
}

func (p *parser) fail(at int, what document.Text, args ...any) *node {
	if p.err == nil {
		p.err = &Error{Column: utf8.RuneCountInString(p.text[:at]) + 1, Text: what.Fill(args...)}
	}
	p.token, p.rest = "", len(p.text)
	return &node{op: literal}
}

// next takes the next token: a name, a number, a quoted text or an operator.
func (p *parser) next() {
	for p.rest < len(p.text) && strings.IndexByte(" \t\r\n\f", p.text[p.rest]) >= 0 {
		p.rest++
	}
	p.at = p.rest
	left := p.text[p.rest:]
	n := 0
	switch {
	case left == "":
	case left[0] == '"' || left[0] == '\'':
		n = p.quoted(left)
	case letter(left[0]) || digit(left[0]):
		for n < len(left) && (letter(left[n]) || digit(left[n])) {
			n++
		}
	case len(left) > 1 && strings.Contains(" && || == != <= >= ", " "+left[:2]+" "):
		n = 2
	default:
		_, n = utf8.DecodeRuneInString(left)
	}
	if p.err == nil {
		p.token, p.rest = left[:n], p.rest+n
	}
}

func letter(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// escapes are those that a quoted text may hold.
var escapes = map[byte]byte{'\\': '\\', '"': '"', '\'': '\'', 'n': '\n', 't': '\t'}

// quoted is how long a quoted text is.
func (p *parser) quoted(left string) int {
	var word []byte
	for i := 1; i < len(left); i++ {
		switch c := left[i]; {
		case c == left[0]:
			if p.word = string(word); i == 1 && len(left) > 2 && left[2] == left[0] || !utf8.Valid(word) {
				p.fail(p.at, notText) // three quotation marks, or no text
			}
			return i + 1
		case c == '\n' || c == '\r' || c == '\\' && (i+1 == len(left) || escapes[left[i+1]] == 0):
			p.fail(p.at, notText)
			return 0
		case c == '\\':
			i++
			word = append(word, escapes[left[i]])
		default:
			word = append(word, c)
		}
	}
	p.fail(p.at, notText)
	return 0
}

// take goes on if the token is one of some, and says which.
func (p *parser) take(tokens ...string) (token string, at int, ok bool) {
	for _, t := range tokens {
		if p.token == t && p.err == nil {
			at = p.at
			p.next()
			return t, at, true
		}
	}
	return "", p.at, false
}

func (p *parser) want(token string) {
	if _, at, ok := p.take(token); !ok {
		p.misplaced(at)
	}
}

func (p *parser) misplaced(at int) *node {
	if p.token == "" {
		return p.fail(at, endsEarly)
	}
	return p.fail(at, notHere, p.token)
}

// expression is a choice between two, or less.
func (p *parser) expression() *node {
	first := p.either()
	_, at, ok := p.take("?")
	if !ok {
		return first
	}
	yes := p.either()
	p.want(":")
	no := p.expression()
	if first.kind != truth || yes.kind != no.kind {
		return p.fail(at, wrongTypes, "?")
	}
	return &node{op: choose, kind: yes.kind, args: []*node{first, yes, no}}
}

func (p *parser) either() *node {
	return p.logic("||", or, func() *node { return p.logic("&&", and, p.relation) })
}

func (p *parser) logic(sign string, o op, side func() *node) *node {
	left := side()
	for {
		_, at, ok := p.take(sign)
		if !ok {
			return left
		}
		right := side()
		if left.kind != truth || right.kind != truth {
			return p.fail(at, wrongTypes, sign)
		}
		left = &node{op: o, kind: truth, args: []*node{left, right}}
	}
}

var relations = map[string]op{"==": equal, "!=": unequal, "<": less, "<=": lessEqual, ">": greater, ">=": greaterEqual}

// relation compares; a comparison of comparisons goes from left to right.
func (p *parser) relation() *node {
	left := p.sum()
	for {
		if _, at, ok := p.take("in"); ok {
			left = p.list(left, at)
			continue
		}
		sign, at, ok := p.take("==", "!=", "<=", ">=", "<", ">")
		if !ok {
			return left
		}
		right := p.sum()
		if left.kind != right.kind {
			return p.fail(at, wrongTypes, sign)
		}
		left = &node{op: relations[sign], kind: truth, args: []*node{left, right}}
	}
}

func (p *parser) list(what *node, at int) *node {
	n := &node{op: in, kind: truth, args: []*node{what}}
	p.want("[")
	for {
		n.args = append(n.args, p.expression())
		if n.args[len(n.args)-1].kind != what.kind {
			return p.fail(at, notOneThing, "in")
		}
		if _, _, more := p.take(","); !more {
			p.want("]")
			return n
		}
	}
}

var sums = map[string]op{"+": add, "-": subtract, "*": multiply}

func (p *parser) sum() *node { return p.numbers(p.product, "+", "-") }

func (p *parser) product() *node { return p.numbers(p.unary, "*") }

func (p *parser) numbers(side func() *node, signs ...string) *node {
	left := side()
	for {
		sign, at, ok := p.take(signs...)
		if !ok {
			return left
		}
		right := side()
		if left.kind != number || right.kind != number {
			return p.fail(at, wrongTypes, sign)
		}
		left = &node{op: sums[sign], kind: number, args: []*node{left, right}}
	}
}

// unary is what stands alone, behind signs of one sort.
func (p *parser) unary() *node {
	sign, at, ok := p.take("!", "-")
	if !ok {
		return p.alone("")
	}
	if sign == "-" && p.token != "" && digit(p.token[0]) {
		return p.alone("-")
	}
	o, k := not, truth
	if sign == "-" {
		o, k = negate, number
	}
	n := p.alone
	if p.token == sign {
		n = func(string) *node { return p.unary() }
	}
	inner := n("")
	if inner.kind != k {
		return p.fail(at, wrongTypes, sign)
	}
	return &node{op: o, kind: k, args: []*node{inner}}
}

func (p *parser) alone(sign string) *node {
	token, at := p.token, p.at
	switch {
	case p.err != nil || token == "":
		return p.fail(at, endsEarly)
	case token == "(":
		p.next()
		inner := p.expression()
		p.want(")")
		return inner
	case token[0] == '"' || token[0] == '\'':
		word := p.word
		p.next()
		return &node{op: literal, kind: text, literal: value{s: word}}
	case digit(token[0]):
		n, err := strconv.ParseInt(sign+token, 10, 64)
		if err != nil {
			return p.fail(at, notNumber, token)
		}
		if p.next(); p.token == "." {
			return p.misplaced(p.at)
		}
		return &node{op: literal, kind: number, literal: value{n: n}}
	case token == "true" || token == "false":
		p.next()
		return &node{op: literal, kind: truth, literal: truthOf(token == "true")}
	case letter(token[0]):
		return p.name(at)
	}
	return p.misplaced(at)
}

// name is a fact, or a count of goods: basket.pieces_of_category("tea").
func (p *parser) name(at int) *node {
	name := p.token
	for p.next(); ; p.next() {
		if _, _, more := p.take("."); !more {
			break
		}
		if p.token == "" || !letter(p.token[0]) {
			return p.misplaced(p.at)
		}
		name += "." + p.token
	}
	if n, known := facts[name]; known {
		n.op = fact
		return &n
	}
	n, known := counters[name]
	if !known {
		return p.fail(at, notKnown, name)
	}
	p.want("(")
	what := p.expression()
	p.want(")")
	if what.kind != text {
		return p.fail(at, wrongTypes, name)
	}
	n.args = []*node{what}
	return &n
}
