package column

import (
	"math"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// part is the unit of the first part of a sum.
const part = 1_000_000_000

// Summed are the two columns of a sum. The engines' sums must fit into 64 bits, or
// the statement fails, and what a board says is no limit to them: so the thousand
// millions of amounts and what is left are added up apart.
func Summed(column string) string {
	return "CAST(SUM(" + column + " / 1000000000) AS BIGINT), CAST(SUM(" + column + " % 1000000000) AS BIGINT)"
}

// Sum is a sum out of its two parts; what does not fit is the most that there is.
func Sum(much, rest int64) lot.Amount {
	much, rest = much+rest/part, rest%part
	switch {
	case much >= math.MaxInt64/part:
		return math.MaxInt64
	case much <= -math.MaxInt64/part:
		return -math.MaxInt64
	}
	return lot.Amount(much*part + rest)
}
