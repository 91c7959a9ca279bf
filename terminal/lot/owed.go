package lot

// What is owed is netted against at most this share of each award, and written
// off after so many days (rule S08).
const (
	NetShareBP   = 5000
	OwedDaysMax  = 180
	wholeShareBP = 10_000
)

// Net returns how much of an award goes to what its member owes: all of the
// debt, but at most half of the award rounded down, so that the member still
// sees progress (rule S08). HQ alone nets.
func Net(owed, earned Amount) Amount {
	half, err := Ratio{Num: NetShareBP, Den: wholeShareBP}.Floor(int64(max(earned, 0)))
	if err != nil {
		return 0
	}
	return min(max(owed, 0), Amount(half))
}

// OwedLapsed reports whether what has been owed since a day is to be written
// off: from the day on that is OwedDaysMax later (rule S08).
func OwedLapsed(since, today Day) bool { return today >= since+OwedDaysMax }
