package barcode

import (
	"slices"
	"strings"
)

// qualifiers are what may stand behind the number of goods in the path of a
// Digital Link, in this order and no other.
var qualifiers = []string{"22", "10", "21"}

// looksLikeLink reports a web address as a GS1 Digital Link has it: the scheme in
// lower case or in upper case. Any other mixture is plain text (dev 7).
func looksLikeLink(text string) bool {
	for _, scheme := range []string{"https://", "http://", "HTTPS://", "HTTP://"} {
		if strings.HasPrefix(text, scheme) {
			return true
		}
	}
	return false
}

// ParseLink takes the elements out of a GS1 Digital Link about goods:
//
//	https://host/…/01/{14 digits}[/22/…][/10/…][/21/…][?17=…&…]
//
// A web address that names no goods is ErrUnknownCode; one that does so in a way
// that cannot be taken is a *GS1Error.
func ParseLink(text string) ([]Element, error) {
	if !looksLikeLink(text) {
		return nil, ErrUnknownCode
	}
	_, rest, _ := strings.Cut(text, "://")
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	host, path, ok := strings.Cut(rest, "/")
	if !ok || host == "" || strings.ContainsAny(host, "@\\ ") {
		return nil, ErrUnknownCode
	}
	all, err := pathElements(strings.Split(path, "/"))
	if err != nil {
		return nil, err
	}
	if all, err = queryElements(all, query); err != nil {
		return nil, err
	}
	if err := companions(all); err != nil {
		return nil, err
	}
	return all, nil
}

// pathElements reads the pairs at the end of the path, from the last 01 on.
func pathElements(segments []string) ([]Element, error) {
	start := -1
	for i, s := range segments {
		if s == "01" {
			start = i
		}
	}
	if start < 0 {
		return nil, ErrUnknownCode // among them /gtin/, the names of an older draft
	}
	pairs := segments[start:]
	if len(pairs)%2 != 0 {
		return nil, &GS1Error{"01", FaultLink}
	}
	var all []Element
	before := -1
	for i := 0; i < len(pairs); i += 2 {
		ai := pairs[i]
		if i > 0 {
			place := slices.Index(qualifiers, ai)
			if place <= before {
				return nil, &GS1Error{clip(ai), FaultLink}
			}
			before = place
		}
		var err error
		if all, err = linkElement(all, ai, pairs[i+1], false); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// queryElements adds the elements of the query. A key that is no number is the
// web site's own business; a number that is no identifier is a fault.
func queryElements(all []Element, query string) ([]Element, error) {
	for pair := range strings.FieldsFuncSeq(query, func(r rune) bool { return r == '&' || r == ';' }) {
		key, value, _ := strings.Cut(pair, "=")
		if !isDigits(key) {
			continue
		}
		var err error
		if all, err = linkElement(all, key, value, true); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// linkElement adds one pair. A plus is a blank in a query, and a plus in a path.
func linkElement(all []Element, ai, value string, query bool) ([]Element, error) {
	id, full, ok := identify(ai)
	if !ok || full != ai {
		return nil, &GS1Error{clip(ai), FaultUnknown}
	}
	value, ok = unescape(value, query)
	if !ok {
		return nil, &GS1Error{ai, FaultForm}
	}
	if err := id.check(ai, value); err != nil {
		return nil, err
	}
	return add(all, Element{ai, id.name, value})
}

// unescape undoes the percent form.
func unescape(s string, query bool) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+' && query:
			b.WriteByte(' ')
		case s[i] != '%':
			b.WriteByte(s[i])
		case i+2 >= len(s) || hex(s[i+1]) < 0 || hex(s[i+2]) < 0:
			return "", false
		default:
			b.WriteByte(byte(hex(s[i+1])<<4 | hex(s[i+2])))
			i += 2
		}
	}
	return b.String(), true
}

// hex is the value of a hexadecimal digit, or -1.
func hex(b byte) int {
	switch {
	case b >= '0' && b <= '9':
		return int(b - '0')
	case b >= 'a' && b <= 'f':
		return int(b-'a') + 10
	case b >= 'A' && b <= 'F':
		return int(b-'A') + 10
	}
	return -1
}
