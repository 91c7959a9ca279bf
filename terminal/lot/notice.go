package lot

// How long before its last day a lot's member must have been told, what is
// added if not, and what an incident adds beyond its own length (rule S22): a
// programme may add more.
const (
	NoticeDays   = 7
	UnnoticedFor = 30
	IncidentDays = 7
)

// ExpiryNoticed returns the day after which HQ may expire a lot whose terms
// say expires, when the member was told on a day; 0 is not yet (rule S22). A
// notice that came later than NoticeDays before the last day moves it by the days
// of grace, and so does none at all.
func ExpiryNoticed(expires, told, grace Day) Day {
	if expires == 0 || told != 0 && told <= expires-NoticeDays {
		return expires
	}
	return expires + grace
}

// Incident is a time, both days included, in which members could not use
// their rights: an outage, or a reward taken out of the catalogue.
type Incident struct {
	First, Last Day
}

// Extend returns the last day of a lot after an incident: one that would have
// expired during it gets the length of the incident and some days more (rule S22).
func (i Incident) Extend(expires, more Day) Day {
	if expires == 0 || expires < i.First || expires > i.Last {
		return expires
	}
	return expires + (i.Last - i.First + 1) + more
}
