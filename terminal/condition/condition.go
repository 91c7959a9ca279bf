// Package condition is the one expression language of programme documents: a
// part of CEL, the Common Expression Language, over what is known of a sale. A
// condition is checked for its types and for what it can cost at most when the
// document is read; evaluating it is exact, the same on every machine, and
// cannot loop or look at anything else.
package condition

import (
	"errors"
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// Limits of one condition.
const (
	BytesMax = 500
	CostMax  = 200 // by CEL's own count: about one for each operator and value
	namesMax = 64  // bytes of a name that is compared
)

// ErrCondition matches every error about what a condition says.
var ErrCondition = errors.New("not a condition")

// Condition is one that has been checked. The zero Condition always holds.
type Condition struct {
	text string
	run  cel.Program
	cost uint64
}

// Text is what the document says, "" for the condition that always holds.
func (c Condition) Text() string { return c.text }

// Equal reports whether two conditions say the same.
func (c Condition) Equal(other Condition) bool { return c.text == other.text }

// Cost is the most that evaluating it can cost.
func (c Condition) Cost() uint64 { return c.cost }

// Holds evaluates the condition. One that runs over the range of whole numbers
// on the way does not hold.
func (c Condition) Holds(f Facts) bool {
	if c.run == nil {
		return true
	}
	value, _, err := c.run.Eval(&activation{f})
	return err == nil && value == types.True
}

// Language is the part of CEL that conditions are written in.
type Language struct{ env *cel.Env }

// New makes the language: comparison, logic and whole numbers, without the
// macros that loop over lists, and without floats, times and patterns.
func New() (*Language, error) {
	options := []cel.EnvOption{cel.StdLib(cel.StdLibSubset(standard())), cel.HomogeneousAggregateLiterals()}
	for name, of := range variables {
		options = append(options, cel.Variable(name, of))
	}
	for _, kind := range kinds {
		options = append(options, counting("pieces_of_"+kind, kind, pieces), counting("fen_of_"+kind, kind, fen))
	}
	made, err := cel.NewCustomEnv(options...)
	if err != nil {
		return nil, fmt.Errorf("language of conditions: %w", err)
	}
	return &Language{made}, nil
}

// standard are the operators of CEL that a condition may use.
func standard() *env.LibrarySubset {
	set := env.NewLibrarySubset().SetDisableMacros(true)
	for _, name := range []string{
		operators.Conditional, operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Equals, operators.NotEquals,
		operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals,
		operators.Add, operators.Subtract, operators.Multiply, operators.Negate, operators.In, operators.NotStrictlyFalse,
	} {
		set.AddIncludedFunctions(env.NewFunction(name))
	}
	return set
}

// Compile checks a condition. The error matches ErrCondition and says where in
// the text it is wrong.
func (l *Language) Compile(text string) (Condition, error) {
	if len(text) > BytesMax {
		return Condition{}, fmt.Errorf("%w: more than %d bytes", ErrCondition, BytesMax)
	}
	checked, issues := l.env.Compile(text)
	if issues.Err() != nil {
		first := issues.Errors()[0]
		return Condition{}, fmt.Errorf("%w: at %d: %s", ErrCondition, first.Location.Column()+1, first.Message)
	}
	if checked.OutputType() != cel.BoolType {
		return Condition{}, fmt.Errorf("%w: it is neither true nor false", ErrCondition)
	}
	if what := foreign(checked.NativeRep()); what != "" {
		return Condition{}, fmt.Errorf("%w: %s is no whole number, text or truth value", ErrCondition, what)
	}
	most, err := l.env.EstimateCost(checked, sizes{})
	if err != nil {
		return Condition{}, fmt.Errorf("%w: its cost is not known: %w", ErrCondition, err)
	}
	if most.Max > CostMax {
		return Condition{}, fmt.Errorf("%w: it may cost %d, the limit is %d", ErrCondition, most.Max, CostMax)
	}
	run, err := l.env.Program(checked, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return Condition{}, fmt.Errorf("%w: %w", ErrCondition, err)
	}
	return Condition{text: text, run: run, cost: most.Max}, nil
}

// foreign finds a literal of a type that conditions have no use for.
func foreign(checked *ast.AST) (what string) {
	ast.PostOrderVisit(checked.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.LiteralKind {
			return
		}
		switch v := e.AsLiteral().(type) {
		case types.Int, types.String, types.Bool:
		default:
			what = string(v.Type().TypeName()) + fmt.Sprintf(" %v", v.Value())
		}
	}))
	return what
}

// sizes bounds the texts that a condition compares.
type sizes struct{}

// EstimateSize is the size of a name.
func (sizes) EstimateSize(cost.AstNode) *cost.SizeEstimate {
	return &cost.SizeEstimate{Min: 0, Max: namesMax}
}

// EstimateCallCost knows what counting goods costs: a walk over the basket.
func (sizes) EstimateCallCost(function, _ string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	if _, known := counters[function]; known {
		return &cost.CallEstimate{CostEstimate: cost.FixedCostEstimate(countCost)}
	}
	return nil
}

// countCost is what counting goods of a kind counts as.
const countCost = 10
