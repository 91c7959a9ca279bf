package condition

import "strings"

// kind is the type of a value.
type kind uint8

const (
	truth kind = iota + 1
	number
	text
)

// op is what a node does.
type op uint8

const (
	literal op = iota + 1
	fact       // asks for something that is known of the sale
	count      // counts goods
	not
	negate
	and
	or
	choose // one of two, by a truth
	in
	equal
	unequal
	less
	lessEqual
	greater
	greaterEqual
	add
	subtract
	multiply
)

// value is a truth as 0 or 1, a number, or a text.
type value struct {
	n int64
	s string
}

func (v value) truth() bool { return v.n != 0 }

func truthOf(b bool) value {
	if b {
		return value{n: 1}
	}
	return value{}
}

// node is one operator or value of a condition that has been checked: its
// arguments are of the kinds it wants.
type node struct {
	op      op
	kind    kind
	literal value
	get     func(*Facts) value // of a fact
	by      string             // what goods are counted by
	pieces  bool               // counts pieces, else fen
	args    []*node
}

func (n *node) cost() int {
	c := 1
	if n.op == count {
		c = countCost
	}
	for _, a := range n.args {
		c += a.cost()
	}
	return c
}

// eval gives the value; ok is false where a number ran over its range and
// nothing else decided.
func (n *node) eval(f *Facts) (v value, ok bool) {
	switch n.op {
	case literal:
		return n.literal, true
	case fact:
		return n.get(f), true
	case count:
		return f.count(n)
	case and, or:
		return n.both(f)
	case choose:
		if v, ok = n.args[0].eval(f); !ok {
			return v, false
		}
		if v.truth() {
			return n.args[1].eval(f)
		}
		return n.args[2].eval(f)
	case in:
		return n.among(f)
	}
	a, ok := n.args[0].eval(f)
	if !ok {
		return a, false
	}
	switch n.op {
	case not:
		return truthOf(!a.truth()), true
	case negate:
		return arithmetic(subtract, 0, a.n)
	}
	b, ok := n.args[1].eval(f)
	if !ok {
		return b, false
	}
	if n.op >= add {
		return arithmetic(n.op, a.n, b.n)
	}
	return truthOf(n.compare(a, b)), true
}

// both is true or false as soon as one side decides, whatever became of the
// other.
func (n *node) both(f *Facts) (value, bool) {
	decides := n.op == or
	a, aOK := n.args[0].eval(f)
	if aOK && a.truth() == decides {
		return a, true
	}
	b, bOK := n.args[1].eval(f)
	if bOK && b.truth() == decides {
		return b, true
	}
	return b, aOK && bOK
}

// among reports whether the first argument is one of the others; all of them
// are looked at.
func (n *node) among(f *Facts) (value, bool) {
	a, ok := n.args[0].eval(f)
	found := false
	for _, other := range n.args[1:] {
		b, fine := other.eval(f)
		ok, found = ok && fine, found || a == b
	}
	return truthOf(found), ok
}

func (n *node) compare(a, b value) bool {
	order := strings.Compare(a.s, b.s)
	if a.n != b.n {
		order = 1
		if a.n < b.n {
			order = -1
		}
	}
	switch n.op {
	case equal:
		return order == 0
	case unequal:
		return order != 0
	case less:
		return order < 0
	case lessEqual:
		return order <= 0
	case greater:
		return order > 0
	}
	return order >= 0
}

// arithmetic is exact: ok is false beyond 64 bits.
func arithmetic(o op, a, b int64) (v value, ok bool) {
	switch o {
	case add:
		v.n = a + b
		return v, (v.n > a) == (b > 0)
	case subtract:
		v.n = a - b
		return v, (v.n < a) == (b > 0)
	}
	v.n = a * b
	if a == 0 || b == 0 {
		return v, true
	}
	return v, v.n/b == a && v.n/a == b && (v.n < 0) == ((a < 0) != (b < 0))
}
