package ledger

// The kinds of entry. Numbers are appended, never reused.
const (
	KindOpen       Kind = 1
	KindStop       Kind = 2
	KindSale       Kind = 3
	KindRedeem     Kind = 4
	KindVoucherUse Kind = 5
	KindDecline    Kind = 6
	KindNoteGiven  Kind = 7
	KindAskGivenUp Kind = 8
	KindMark       Kind = 9

	KindReturn      Kind = 10
	KindVoucherBack Kind = 11
	KindGrant       Kind = 12
	KindWriteOff    Kind = 13
	KindTransfer    Kind = 14

	KindSignIn    Kind = 15
	KindInForce   Kind = 16
	KindClockStep Kind = 17
	KindPrinted   Kind = 18
	KindOutage    Kind = 19

	KindCarry       Kind = 20
	KindReturnClaim Kind = 21
	KindCheckIn     Kind = 22
	KindAnswer      Kind = 23
	KindQuotaMinted Kind = 24
	KindPlay        Kind = 25
	KindEnrol       Kind = 26
	KindConsent     Kind = 27
	KindStepUp      Kind = 28
	KindDayOpen     Kind = 29
	KindDayClose    Kind = 30
	KindReprint     Kind = 31
	KindDoubt       Kind = 32
	KindHealed      Kind = 33
	KindLocked      Kind = 34
	KindPaperClaim  Kind = 35
	KindNoteByHand  Kind = 36
)

// KindMax is the largest number in use.
const KindMax = KindNoteByHand

// kinds has, for every kind, its name as a word of the catalogue and an empty
// body to read into.
var kinds = map[Kind]struct {
	word string
	body func() Body
}{
	KindOpen:        {"kind-open", func() Body { return &Open{} }},
	KindStop:        {"kind-stop", func() Body { return &Stop{} }},
	KindSale:        {"kind-sale", func() Body { return &Sale{} }},
	KindRedeem:      {"kind-redeem", func() Body { return &Redeem{} }},
	KindVoucherUse:  {"kind-voucher-use", func() Body { return &VoucherUse{} }},
	KindDecline:     {"kind-decline", func() Body { return &Decline{} }},
	KindNoteGiven:   {"kind-note-given", func() Body { return &NoteGiven{} }},
	KindAskGivenUp:  {"kind-ask-given-up", func() Body { return &AskGivenUp{} }},
	KindMark:        {"kind-mark", func() Body { return &Mark{} }},
	KindReturn:      {"kind-return", func() Body { return &Return{} }},
	KindVoucherBack: {"kind-voucher-back", func() Body { return &VoucherBack{} }},
	KindGrant:       {"kind-grant", func() Body { return &Grant{} }},
	KindWriteOff:    {"kind-write-off", func() Body { return &WriteOff{} }},
	KindTransfer:    {"kind-transfer", func() Body { return &Transfer{} }},
	KindSignIn:      {"kind-sign-in", func() Body { return &SignIn{} }},
	KindInForce:     {"kind-in-force", func() Body { return &InForce{} }},
	KindClockStep:   {"kind-clock-step", func() Body { return &ClockStep{} }},
	KindPrinted:     {"kind-printed", func() Body { return &Printed{} }},
	KindOutage:      {"kind-outage", func() Body { return &Outage{} }},
	KindCarry:       {"kind-carry", func() Body { return &Carry{} }},
	KindReturnClaim: {"kind-return-claim", func() Body { return &ReturnClaim{} }},
	KindCheckIn:     {"kind-check-in", func() Body { return &CheckIn{} }},
	KindAnswer:      {"kind-answer", func() Body { return &Answer{} }},
	KindQuotaMinted: {"kind-quota-minted", func() Body { return &QuotaMinted{} }},
	KindPlay:        {"kind-play", func() Body { return &Play{} }},
	KindEnrol:       {"kind-enrol", func() Body { return &Enrol{} }},
	KindConsent:     {"kind-consent", func() Body { return &Consent{} }},
	KindStepUp:      {"kind-step-up", func() Body { return &StepUp{} }},
	KindDayOpen:     {"kind-day-open", func() Body { return &DayOpen{} }},
	KindDayClose:    {"kind-day-close", func() Body { return &DayClose{} }},
	KindReprint:     {"kind-reprint", func() Body { return &Reprint{} }},
	KindDoubt:       {"kind-doubt", func() Body { return &Doubt{} }},
	KindHealed:      {"kind-healed", func() Body { return &Healed{} }},
	KindLocked:      {"kind-locked", func() Body { return &Locked{} }},
	KindPaperClaim:  {"kind-paper-claim", func() Body { return &PaperClaim{} }},
	KindNoteByHand:  {"kind-note-by-hand", func() Body { return &NoteByHand{} }},
}

// Word is the kind's name as a word of the catalogue.
func (k Kind) Word() string {
	if known, ok := kinds[k]; ok {
		return known.word
	}
	return "kind-unknown"
}

func newBody(k Kind) Body {
	if known, ok := kinds[k]; ok {
		return known.body()
	}
	return nil
}

// The numbers of the lots that one entry issues: what a sale earned or an
// entry granted counts from 0, and so does the voucher of a redemption; the
// rest from these on.
const (
	AnewFrom    = 1 << 16 // what is given back to new lots
	VoucherFrom = 2 << 16 // vouchers redeemed inside a sale
	PrizeFrom   = 3 << 16 // what plays won: PrizesMax numbers for each play
	PrizesMax   = 16
)

// PrizeLot is the number of the lot that is one prize of one play of an entry,
// both counted from 0.
func PrizeLot(play, prize int) uint32 { return uint32(PrizeFrom + play*PrizesMax + prize) }

// PlayOf is the play of its entry that a lot with a number is a prize of, or
// negative for any other lot.
func PlayOf(number uint32) int {
	if number < PrizeFrom {
		return -1
	}
	return int(number-PrizeFrom) / PrizesMax
}
