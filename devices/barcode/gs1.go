package barcode

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrGS1 is matched by every *GS1Error.
var ErrGS1 = errors.New("barcode: the GS1 data of the code are faulty")

// A GS1Error says which element of a code cannot be taken, and why. It holds
// nothing of the data but the identifier.
type GS1Error struct {
	AI  string // the identifier, as far as it could be read
	Why GS1Fault
}

func (e *GS1Error) Error() string {
	if e.AI == "" {
		return fmt.Sprintf("barcode: GS1 data: %s", e.Why)
	}
	return fmt.Sprintf("barcode: GS1 element (%s): %s", e.AI, e.Why)
}

// Is makes every fault an ErrGS1, and a wrong check digit an ErrCheckDigit too.
func (e *GS1Error) Is(target error) bool {
	return target == ErrGS1 || target == ErrCheckDigit && e.Why == FaultCheck
}

// GS1Fault is why an element cannot be taken.
type GS1Fault string

// The faults.
const (
	FaultUnknown   GS1Fault = "unknown identifier"
	FaultShort     GS1Fault = "the data are cut short"
	FaultLong      GS1Fault = "too long, or its separator is missing"
	FaultForm      GS1Fault = "a character that may not stand there"
	FaultCheck     GS1Fault = "the check digit is wrong"
	FaultDate      GS1Fault = "no such date"
	FaultTwice     GS1Fault = "stands twice with different data"
	FaultAlone     GS1Fault = "what it belongs to is missing"
	FaultSeparator GS1Fault = "two separators side by side"
	FaultEmpty     GS1Fault = "no data"
	FaultLink      GS1Fault = "the web address has another form"
	FaultMany      GS1Fault = "too many elements"
)

// elementsMax is the most elements of one code: more fit in no scan that makes
// sense in a shop, and every one is compared with the others.
const elementsMax = 40

// separator stands between the elements of a code: FNC1 as scanners send it.
const separator = 0x1d

// An Element is one application identifier with its data.
type Element struct {
	AI    string // with the digit of the decimals, such as "3103"
	Name  string // what it is, in English, such as "net-weight-kg"
	Value string // the data as they stand there
}

// fnc1First reports the prefixes of symbols that begin with FNC1: their text is
// made of elements. Without the prefix no text is (dev 6.1).
func fnc1First(aim string) bool {
	switch aim {
	case "]C1", "]d2", "]Q3", "]e0", "]J1":
		return true
	}
	return false
}

// ParseElements takes the data of a GS1 symbol apart. Its error is a *GS1Error.
func ParseElements(data string) ([]Element, error) {
	if data == "" {
		return nil, &GS1Error{Why: FaultEmpty}
	}
	var all []Element
	for data != "" {
		e, rest, err := element(data)
		if err != nil {
			return nil, err
		}
		if all, err = add(all, e); err != nil {
			return nil, err
		}
		data = rest
	}
	if err := companions(all); err != nil {
		return nil, err
	}
	return all, nil
}

// element takes the first element off the data.
func element(data string) (Element, string, error) {
	if data[0] == separator {
		return Element{}, "", &GS1Error{Why: FaultSeparator}
	}
	id, ai, ok := identify(data)
	if !ok {
		return Element{}, "", &GS1Error{AI: clip(data), Why: FaultUnknown}
	}
	rest := data[len(ai):]
	value := rest
	if predefined(ai) {
		if len(rest) < id.max {
			return Element{}, "", &GS1Error{ai, FaultShort}
		}
		value = rest[:id.max]
	} else if end := strings.IndexByte(rest, separator); end >= 0 {
		value = rest[:end]
	}
	if err := id.check(ai, value); err != nil {
		return Element{}, "", err
	}
	rest = rest[len(value):]
	if rest != "" && rest[0] == separator { // after a predefined length it may stand and need not
		rest = rest[1:]
	}
	return Element{ai, id.name, value}, rest, nil
}

// clip shows of unknown data what could be an identifier, if that is digits.
func clip(data string) string {
	head := data[:min(4, len(data))]
	end := strings.IndexFunc(head, func(r rune) bool { return r < '0' || r > '9' })
	if end >= 0 {
		head = head[:end]
	}
	return head
}

// add joins an element to the others. The same once more says nothing new; other
// data under the same identifier make the code worthless (dev 7).
func add(all []Element, e Element) ([]Element, error) {
	for _, old := range all {
		if old.AI == e.AI && old.Value == e.Value {
			return all, nil
		}
		if old.AI == e.AI || old.Name == e.Name && e.Name != "internal" { // 3102 and 3103 are one
			return nil, &GS1Error{e.AI, FaultTwice}
		}
	}
	if len(all) == elementsMax {
		return nil, &GS1Error{e.AI, FaultMany}
	}
	return append(all, e), nil
}

// companions looks that nothing stands without what it is said of.
func companions(all []Element) error {
	for _, e := range all {
		id, _, _ := identify(e.AI)
		if id.with == nil {
			continue
		}
		found := slices.ContainsFunc(all, func(other Element) bool {
			return slices.ContainsFunc(id.with, func(head string) bool { return strings.HasPrefix(other.AI, head) })
		})
		if !found {
			return &GS1Error{e.AI, FaultAlone}
		}
		if id.ai == "392" && !measured(all) {
			return &GS1Error{e.AI, FaultAlone}
		}
	}
	return nil
}

// measured reports a count or a measure, of which a price is the price.
func measured(all []Element) bool {
	return slices.ContainsFunc(all, func(e Element) bool {
		return slices.ContainsFunc(ofMeasure, func(head string) bool { return strings.HasPrefix(e.AI, head) })
	})
}

// check looks through the data of one element.
func (id identifier) check(ai, value string) error {
	switch {
	case value == "":
		return &GS1Error{ai, FaultEmpty}
	case len(value) < id.min:
		return &GS1Error{ai, FaultShort}
	case len(value) > id.max:
		return &GS1Error{ai, FaultLong}
	}
	if id.form == formText {
		if !allIn(value, cset82) {
			return &GS1Error{ai, FaultForm}
		}
		return nil
	}
	if !isDigits(value) {
		return &GS1Error{ai, FaultForm}
	}
	last := len(value) - 1
	switch {
	case id.form == formKey && checkDigit(value[:last]) != value[last]:
		return &GS1Error{ai, FaultCheck}
	case id.form == formDate && !validDate(value, true), id.form == formDay && !validDate(value, false):
		return &GS1Error{ai, FaultDate}
	case id.form == formTime && (!validDate(value[:6], false) || value[6:8] > "23" || value[8:] > "59"):
		return &GS1Error{ai, FaultDate}
	}
	return nil
}

// allIn reports that s is made of the letters alone.
func allIn(s, letters string) bool {
	for i := range len(s) {
		if strings.IndexByte(letters, s[i]) < 0 {
			return false
		}
	}
	return true
}

// validDate reports a date that exists. Day 00, where allowed, is the last of
// its month; month 00 is none. The year has no century here: 29 February is
// valid in every fourth, as 2000 was and 2100 will not matter.
func validDate(s string, dayless bool) bool {
	year, month, day := int(s[0]-'0')*10+int(s[1]-'0'), int(s[2]-'0')*10+int(s[3]-'0'), int(s[4]-'0')*10+int(s[5]-'0')
	if month < 1 || month > 12 || day == 0 && !dayless {
		return false
	}
	return day <= daysIn(year, month)
}

// daysIn is the number of days of a month.
func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
