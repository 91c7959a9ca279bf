// Package programmetool is what the operator does with programme documents: it
// checks them, prices baskets under them and writes their schema.
package programmetool

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/jifen-pos/jifen/terminal/bestuse"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/programme/fair"
	"github.com/jifen-pos/jifen/terminal/programme/schema"
	"github.com/jifen-pos/jifen/terminal/reason"
)

// errUnfair says that a document may not be published; why has been said.
var errUnfair = errors.New("not to be published")

// ProgrammeSchema writes the JSON Schema of programme documents.
func ProgrammeSchema(out io.Writer) error {
	text, err := schema.Programme()
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}

// LintProgrammes is LintProgramme for each of some documents, whatever becomes of
// those before it.
func LintProgrammes(paths []string, out io.Writer) (err error) {
	for _, path := range paths {
		err = errors.Join(err, LintProgramme(path, out))
	}
	return err
}

// LintProgramme writes everything that is wrong with a programme document, in
// both languages: what it says, and where it is not fair.
func LintProgramme(path string, out io.Writer) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	p, marks, err := programme.ParseMarked(text)
	var faults programme.Faults
	if errors.As(err, &faults) {
		for _, f := range faults {
			fmt.Fprintf(out, "%s: %s\n    %s\n", path, f.Say("zh"), f.Say("en"))
		}
		return fmt.Errorf("%s: %w", path, errUnfair)
	}
	if err != nil {
		return err
	}
	found := fair.Lint(p, marks)
	for _, f := range found {
		fmt.Fprintf(out, "%s:%s\n", path, f.Say())
	}
	if !fair.Publishable(found) {
		return fmt.Errorf("%s: %w", path, errUnfair)
	}
	_, err = fmt.Fprintf(out, "%s: %s version %s, %d campaigns, %d benefits: may be published\n", path, p.ID, p.Version(), len(p.Campaigns), len(p.Benefits))
	return err
}

// QuoteProgramme writes what a basket comes to under a programme document, and
// the best use of what the member has, with the reasons in both languages, as JSON. The request is JSON with the
// fields of a quote's request.
func QuoteProgramme(path, request string, out io.Writer) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	p, err := programme.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	asked, err := os.ReadFile(request)
	if err != nil {
		return err
	}
	var r pricing.Request
	if err := json.Unmarshal(asked, &r); err != nil {
		return fmt.Errorf("%s: %w", request, err)
	}
	r.Programme = p
	q, err := pricing.Price(r)
	if err != nil {
		return err
	}
	best, err := bestuse.Best(r)
	if err != nil {
		return err
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		Quote   pricing.Quote
		Reasons []reason.Sentence // why, in the order of the bill
		Best    bestuse.Plan
		Advice  []reason.Sentence // how to use it, and what is nearest
	}{q, reason.Of(p, &q), best, reason.Best(p, &best)})
}
