package lot

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
)

// Ratio is an exact non-negative fraction, such as 1 point per 100 fen.
type Ratio struct {
	Num, Den int64
}

// Floor returns n × the ratio, rounded down. It fails with ErrAmount if n or
// the ratio is negative, the divisor zero or the result too large.
func (r Ratio) Floor(n int64) (int64, error) {
	q, _, err := r.divide(n)
	return q, err
}

// Ceil returns n × the ratio, rounded up; errors as for Floor.
func (r Ratio) Ceil(n int64) (int64, error) {
	q, rest, err := r.divide(n)
	if rest > 0 {
		q++
	}
	return q, err
}

// Inverse turns points per fen into fen per points.
func (r Ratio) Inverse() Ratio { return Ratio{Num: r.Den, Den: r.Num} }

func (r Ratio) divide(n int64) (q int64, rest uint64, err error) {
	if n < 0 || r.Num < 0 || r.Den <= 0 {
		return 0, 0, fmt.Errorf("%d × %d/%d: %w", n, r.Num, r.Den, ErrAmount)
	}
	hi, lo := bits.Mul64(uint64(n), uint64(r.Num))
	if hi >= uint64(r.Den) {
		return 0, 0, fmt.Errorf("%d × %d/%d: %w", n, r.Num, r.Den, ErrAmount)
	}
	quo, rest := bits.Div64(hi, lo, uint64(r.Den))
	if quo >= 1<<62 {
		return 0, 0, fmt.Errorf("%d × %d/%d: %w", n, r.Num, r.Den, ErrAmount)
	}
	return int64(quo), rest, nil
}

// Split divides a total over weights by largest remainder; equal remainders go
// to the lower index (rule S01), so that the parts add up to the total. All
// weights zero gives all parts zero, whatever the total.
func Split(total int64, weights []int64) []int64 {
	parts := make([]int64, len(weights))
	var sum int64
	some := 0
	for _, w := range weights {
		if sum += w; w != 0 {
			some++
		}
	}
	if sum <= 0 || total <= 0 {
		return parts
	}
	type remainder struct {
		index int
		rest  uint64
	}
	rests := make([]remainder, 0, some) // what divides evenly is never rounded up
	left := total
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(total), uint64(w))
		quo, rest := bits.Div64(hi, lo, uint64(sum))
		parts[i] = int64(quo)
		left -= parts[i]
		if rest != 0 {
			rests = append(rests, remainder{i, rest})
		}
	}
	slices.SortStableFunc(rests, func(a, b remainder) int { return cmp.Compare(b.rest, a.rest) })
	for i := range left {
		parts[rests[i].index]++
	}
	return parts
}
