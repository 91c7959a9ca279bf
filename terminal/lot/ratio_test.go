package lot_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/lot"
)

func TestRatio(t *testing.T) {
	tests := map[string]struct {
		ratio       lot.Ratio
		n           int64
		floor, ceil int64
	}{
		"rule-s01-base":      {lot.Ratio{Num: 1, Den: 100}, 2999, 29, 30},
		"rule-s01-double":    {lot.Ratio{Num: 2, Den: 100}, 2999, 59, 60},
		"rule-s04-whole":     {lot.Ratio{Num: 30, Den: 100}, 999, 299, 300},
		"rule-s04-short":     {lot.Ratio{Num: 100, Den: 30}, 299, 996, 997},
		"rule-s04-back":      {lot.Ratio{Num: 30, Den: 100}, 996, 298, 299},
		"one-below-a-whole":  {lot.Ratio{Num: 1, Den: 100}, 99, 0, 1},
		"a-whole":            {lot.Ratio{Num: 1, Den: 100}, 100, 1, 1},
		"one-above-a-whole":  {lot.Ratio{Num: 1, Den: 100}, 101, 1, 2},
		"nothing":            {lot.Ratio{Num: 7, Den: 3}, 0, 0, 0},
		"worth-nothing":      {lot.Ratio{Num: 0, Den: 3}, 5, 0, 0},
		"beyond-64-bits":     {lot.Ratio{Num: math.MaxInt64, Den: math.MaxInt64}, 1 << 61, 1 << 61, 1 << 61},
		"largest-result":     {lot.Ratio{Num: 1, Den: 1}, 1<<62 - 1, 1<<62 - 1, 1<<62 - 1},
		"beyond-with-a-rest": {lot.Ratio{Num: math.MaxInt64 - 1, Den: math.MaxInt64}, 1 << 61, 1<<61 - 1, 1 << 61},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := test.ratio.Floor(test.n); err != nil || got != test.floor {
				t.Errorf("%v.Floor(%d): got %d, %v; want %d", test.ratio, test.n, got, err, test.floor)
			}
			if got, err := test.ratio.Ceil(test.n); err != nil || got != test.ceil {
				t.Errorf("%v.Ceil(%d): got %d, %v; want %d", test.ratio, test.n, got, err, test.ceil)
			}
		})
	}
}

func TestRatioRefusesWhatDoesNotFit(t *testing.T) {
	tests := map[string]struct {
		ratio lot.Ratio
		n     int64
	}{
		"negative-number":   {lot.Ratio{Num: 1, Den: 1}, -1},
		"negative-ratio":    {lot.Ratio{Num: -1, Den: 1}, 1},
		"negative-divisor":  {lot.Ratio{Num: 1, Den: -1}, 1},
		"zero-ratio":        {lot.Ratio{}, 1},
		"zero-ratio-and-n":  {lot.Ratio{}, 0},
		"one-too-large":     {lot.Ratio{Num: 1, Den: 1}, 1 << 62},
		"beyond-64-bits":    {lot.Ratio{Num: math.MaxInt64, Den: 1}, math.MaxInt64},
		"barely-too-large":  {lot.Ratio{Num: 4, Den: 1}, 1 << 60},
		"quotient-overflow": {lot.Ratio{Num: math.MaxInt64, Den: 2}, 4},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := test.ratio.Floor(test.n); !errors.Is(err, lot.ErrAmount) {
				t.Errorf("%v.Floor(%d): got %d, %v; want ErrAmount", test.ratio, test.n, got, err)
			}
			if got, err := test.ratio.Ceil(test.n); !errors.Is(err, lot.ErrAmount) {
				t.Errorf("%v.Ceil(%d): got %d, %v; want ErrAmount", test.ratio, test.n, got, err)
			}
		})
	}
}

func TestInverse(t *testing.T) {
	if got, want := (lot.Ratio{Num: 30, Den: 100}).Inverse(), (lot.Ratio{Num: 100, Den: 30}); got != want {
		t.Errorf("Inverse: got %v, want %v", got, want)
	}
}

func TestSplit(t *testing.T) {
	tests := map[string]struct {
		total   int64
		weights []int64
		want    []int64
	}{
		"rule-s01-vector":      {59, []int64{1000, 1000, 999}, []int64{20, 20, 19}},
		"rule-s01-base":        {29, []int64{1000, 1000, 999}, []int64{10, 10, 9}},
		"ties-to-lower-index":  {2, []int64{5, 5, 5}, []int64{1, 1, 0}},
		"zero-weight":          {10, []int64{0, 1, 0}, []int64{0, 10, 0}},
		"zero-weight-and-rest": {1, []int64{0, 1, 1}, []int64{0, 1, 0}},
		"nothing":              {0, []int64{1, 2}, []int64{0, 0}},
		"no-weight-at-all":     {5, []int64{0, 0}, []int64{0, 0}},
		"no-parts":             {5, nil, []int64{}},
		"less-than-parts":      {1, []int64{1, 3, 2}, []int64{0, 1, 0}},
		"beyond-64-bits":       {1e15, []int64{1e13, 1e13, 2e13}, []int64{25e13, 25e13, 5e14}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, lot.Split(test.total, test.weights)); diff != "" {
				t.Errorf("Split(%d, %v): -want +got\n%s", test.total, test.weights, diff)
			}
		})
	}
}

// The parts add up, none is a whole unit away from its exact share, and none
// with weight 0 gets anything.
func FuzzSplit(f *testing.F) {
	f.Add(int64(59), int64(1000), int64(1000), int64(999), int64(0))
	f.Add(int64(1e15), int64(1e13), int64(1), int64(3), int64(1e13))
	f.Fuzz(func(t *testing.T, total, a, b, c, d int64) {
		weights := []int64{a & (1<<60 - 1), b & (1<<60 - 1), c & (1<<60 - 1), d & (1<<60 - 1)}
		total &= math.MaxInt64
		sum := weights[0] + weights[1] + weights[2] + weights[3]
		if sum == 0 {
			return
		}
		var got int64
		for i, part := range lot.Split(total, weights) {
			got += part
			if exact := new(big.Int).Mul(big.NewInt(total), big.NewInt(weights[i])); !near(part, exact, sum) {
				t.Fatalf("Split(%d, %v): part %d is %d, a unit or more off its share", total, weights, i, part)
			}
		}
		if got != total {
			t.Fatalf("Split(%d, %v): the parts add up to %d", total, weights, got)
		}
	})
}

// near reports whether |part - exact/sum| < 1.
func near(part int64, exact *big.Int, sum int64) bool {
	off := new(big.Int).Mul(big.NewInt(part), big.NewInt(sum))
	return off.Sub(off, exact).CmpAbs(big.NewInt(sum)) < 0
}

func FuzzRatio(f *testing.F) {
	f.Add(int64(999), int64(30), int64(100))
	f.Add(int64(1)<<62, int64(1), int64(1))
	f.Fuzz(func(t *testing.T, n, num, den int64) {
		r := lot.Ratio{Num: num & math.MaxInt64, Den: max(den&math.MaxInt64, 1)}
		n &= math.MaxInt64
		want, rest := new(big.Int).QuoRem(new(big.Int).Mul(big.NewInt(n), big.NewInt(r.Num)), big.NewInt(r.Den), new(big.Int))
		fits := want.BitLen() <= 62
		floor, err := r.Floor(n)
		if fits != (err == nil) || fits && floor != want.Int64() {
			t.Fatalf("%v.Floor(%d): got %d, %v; want %v", r, n, floor, err, want)
		}
		ceil, err := r.Ceil(n)
		if fits != (err == nil) || fits && ceil != want.Int64()+int64(rest.Sign()) {
			t.Fatalf("%v.Ceil(%d): got %d, %v; want %v and a rest of %v", r, n, ceil, err, want, rest)
		}
	})
}
