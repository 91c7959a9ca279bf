package escpos

// Status is what a printer says of itself.
type Status struct {
	Offline   bool `json:"offline"`
	CoverOpen bool `json:"cover_open"`
	PaperEnd  bool `json:"paper_end"`
	PaperLow  bool `json:"paper_low"`  // near end: warn and print on (dev 4.3)
	Fault     bool `json:"fault"`      // cutter or other error
	Cutter    bool `json:"cutter"`     // the error is the cutter's
	DrawerPin bool `json:"drawer_pin"` // level of the drawer's sense pin; each till must learn what it means (dev 10.3)
}

// Ready reports whether a job may be sent.
func (s Status) Ready() bool { return !s.Offline && !s.CoverOpen && !s.PaperEnd && !s.Fault }

// Or returns what either of two answers about the same moment says.
func (s Status) Or(t Status) Status {
	return Status{
		Offline:   s.Offline || t.Offline,
		CoverOpen: s.CoverOpen || t.CoverOpen,
		PaperEnd:  s.PaperEnd || t.PaperEnd,
		PaperLow:  s.PaperLow || t.PaperLow,
		Fault:     s.Fault || t.Fault,
		Cutter:    s.Cutter || t.Cutter,
		DrawerPin: s.DrawerPin || t.DrawerPin,
	}
}

// AnswerKind says what came back from a printer.
type AnswerKind uint8

// The kinds of answer.
const (
	AnswerStatus   AnswerKind = iota + 1 // a status the printer sends by itself (ASB)
	AnswerRealTime                       // one byte for a real-time question
	AnswerFence                          // the echo of a process id: all before it is printed
	AnswerOther                          // a well-formed block that nobody asked for
	AnswerNoise                          // bytes that fit nothing
	AnswerQueued                         // one byte for a queued question; a stray byte looks the same
)

// Answer is one frame of the back channel.
type Answer struct {
	Kind   AnswerKind
	Raw    string // the bytes of the frame
	Status Status // of AnswerStatus
	Byte   byte   // of AnswerRealTime and AnswerQueued: decode with RealTimeStatus, QueuedStatus
	Token  string // of AnswerFence
}

// maxBlock bounds a block answer; a longer one is noise.
const maxBlock = 80

// Answers cuts what comes back into frames. Frames may come split and glued in
// any way; the zero value is ready.
type Answers struct{ held []byte }

// Feed takes bytes as they come and returns the frames that are whole now.
func (a *Answers) Feed(b []byte) []Answer {
	for _, c := range b {
		if c != 0x11 && c != 0x13 { // XON and XOFF stand between all else
			a.held = append(a.held, c)
		}
	}
	var found []Answer
	for len(a.held) > 0 {
		answer, n := frame(a.held)
		if n == 0 {
			break
		}
		answer.Raw = string(a.held[:n])
		found = append(found, answer)
		a.held = a.held[n:]
	}
	return found
}

// Held returns the bytes of a frame that has only begun.
func (a *Answers) Held() []byte { return append([]byte(nil), a.held...) }

// Reset forgets a frame that has only begun, as after a reconnect.
func (a *Answers) Reset() { a.held = nil }

// frame returns the first frame of b and its length, or 0 when more must come first.
func frame(b []byte) (Answer, int) {
	switch first := b[0]; {
	case first&0x93 == 0x12:
		return Answer{Kind: AnswerRealTime, Byte: first}, 1
	case first&0x93 == 0x10:
		return statusFrame(b)
	case first == 0x35 || first == 0x37 || first == 0x3B || first == 0x3D || first == 0x5F:
		return blockFrame(b)
	case first&0x90 == 0:
		return Answer{Kind: AnswerQueued, Byte: first}, 1
	}
	return Answer{Kind: AnswerNoise}, 1
}

// statusFrame reads an ASB frame. Only its first byte has fixed bits in full;
// of the next three only 90h is fixed (dev 4.2).
func statusFrame(b []byte) (Answer, int) {
	for i := 1; i < min(len(b), 4); i++ {
		if b[i]&0x90 != 0 {
			return Answer{Kind: AnswerNoise}, 1
		}
	}
	if len(b) < 4 {
		return Answer{}, 0
	}
	return Answer{Kind: AnswerStatus, Status: Status{
		Offline:   b[0]&0x08 != 0,
		CoverOpen: b[0]&0x20 != 0,
		PaperEnd:  b[2]&0x0C != 0,
		PaperLow:  b[2]&0x03 != 0,
		Fault:     b[1]&0x6C != 0,
		Cutter:    b[1]&0x08 != 0,
		DrawerPin: b[0]&0x04 != 0,
	}}, 4
}

func blockFrame(b []byte) (Answer, int) {
	for i, c := range b {
		switch {
		case i >= maxBlock, i > 0 && c != 0 && (c < 0x20 || c > 0x7E):
			return Answer{Kind: AnswerNoise}, 1
		case c != 0:
		case b[0] == 0x37 && i == 6 && b[1] == 0x22:
			return Answer{Kind: AnswerFence, Token: string(b[2:6])}, i + 1
		default:
			return Answer{Kind: AnswerOther}, i + 1
		}
	}
	return Answer{}, 0
}

// Real-time questions, the n of DLE EOT n.
const (
	AskPrinter = 1 // whether it is online, and the drawer
	AskOffline = 2 // why the printer is offline
	AskFault   = 3 // what went wrong in it
	AskPaper   = 4 // the paper sensors
)

// RealTimeStatus decodes the answer to the real-time question n.
func RealTimeStatus(n int, b byte) Status {
	switch n {
	case AskPrinter:
		return Status{Offline: b&0x08 != 0, DrawerPin: b&0x04 != 0}
	case AskOffline:
		return Status{CoverOpen: b&0x04 != 0, PaperEnd: b&0x20 != 0, Fault: b&0x40 != 0}
	case AskFault:
		return Status{Fault: b&0x68 != 0, Cutter: b&0x08 != 0}
	case AskPaper:
		return Status{PaperLow: b&0x0C != 0, PaperEnd: b&0x60 != 0}
	}
	return Status{}
}

// Queued questions, the n of GS r n.
const (
	AskQueuedPaper  = 1
	AskQueuedDrawer = 2
)

// QueuedStatus decodes the answer to the queued question n.
func QueuedStatus(n int, b byte) Status {
	switch n {
	case AskQueuedPaper:
		return Status{PaperLow: b&0x03 != 0, PaperEnd: b&0x0C != 0}
	case AskQueuedDrawer:
		return Status{DrawerPin: b&0x01 != 0}
	}
	return Status{}
}
