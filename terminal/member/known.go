package member

import "time"

// Known is what somebody tells of themselves, or of a child, beside their number. A
// journal is for ever and has none of it in clear: it travels sealed as JSON, and
// only HQ's key opens it.
type Known struct {
	Phone    string `json:"phone,omitempty"`
	Name     string `json:"name,omitempty"`
	Birthday string `json:"birthday,omitempty"` // 1990-05-31, or 05-31
	Child    string `json:"child,omitempty"`    // 05-31 alone: no year of a child's is kept (law L18)
}

// Birthday is the day of a year that a text is, as 05-31; with its year it must
// have been by now and not be too long ago. "" is no such day.
func Birthday(text string, now time.Time) string {
	d, err := time.Parse("01-02", text) // of the year 0, which has a 29th of February
	if err != nil {
		d, err = time.Parse(time.DateOnly, text)
		if err != nil || !d.Before(now) || d.Year() < now.Year()-oldest {
			return ""
		}
	}
	return d.Format("01-02")
}

// oldest is how old somebody can be, in years.
const oldest = 120
