package devicetool

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jifen-pos/jifen/devices/escpos"
)

// maxHexLine is the longest line of hex.
const maxHexLine = 64 << 10

// ErrHex is returned for input that is not hex.
var ErrHex = errors.New("not hex")

// AnswerReport is one frame of what a printer answered.
type AnswerReport struct {
	Kind   string                   `json:"kind"`
	Hex    string                   `json:"hex"`
	Status *escpos.Status           `json:"status,omitempty"`
	Token  string                   `json:"token,omitempty"`
	Text   string                   `json:"text,omitempty"`     // of a block: a name or a number
	If     map[string]escpos.Status `json:"if_asked,omitempty"` // by question: a byte does not say what it answers
}

// ReadBackChannel reads a printer's answers as hex, with blanks or without, and
// writes one JSON line a frame. Frames may go on over the ends of lines; what
// follows a # is a remark. Bytes that begin a frame which never ends come last,
// as "incomplete".
func ReadBackChannel(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxHexLine)
	write := json.NewEncoder(out)
	var answers escpos.Answers
	for n := 1; lines.Scan(); n++ {
		raw, err := hexOf(lines.Text())
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		for _, a := range answers.Feed(raw) {
			if err := write.Encode(answerReport(a)); err != nil {
				return fmt.Errorf("write the report: %w", err)
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the answers: %w", err)
	}
	if rest := answers.Held(); len(rest) > 0 {
		return write.Encode(AnswerReport{Kind: "incomplete", Hex: hexWord(string(rest))})
	}
	return nil
}

func hexOf(line string) ([]byte, error) {
	line, _, _ = strings.Cut(line, "#")
	clean := strings.NewReplacer(" ", "", "\t", "", "\r", "", ",", "", "0x", "", "\\x", "").Replace(line)
	raw, err := hex.DecodeString(clean)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHex, err)
	}
	return raw, nil
}

func hexWord(raw string) string { return strings.ToUpper(fmt.Sprintf("% x", raw)) }

func answerReport(a escpos.Answer) AnswerReport {
	r := AnswerReport{Hex: hexWord(a.Raw)}
	switch a.Kind {
	case escpos.AnswerStatus:
		r.Kind, r.Status = "status", &a.Status
	case escpos.AnswerFence:
		r.Kind, r.Token = "process-id", a.Token
	case escpos.AnswerOther:
		r.Kind, r.Text = "block", strings.TrimRight(a.Raw[1:], "\x00")
	case escpos.AnswerRealTime:
		r.Kind, r.If = "real-time", map[string]escpos.Status{}
		for name, n := range map[string]int{
			"DLE EOT 1": escpos.AskPrinter, "DLE EOT 2": escpos.AskOffline, "DLE EOT 3": escpos.AskFault, "DLE EOT 4": escpos.AskPaper,
		} {
			r.If[name] = escpos.RealTimeStatus(n, a.Byte)
		}
	case escpos.AnswerQueued:
		r.Kind, r.If = "queued", map[string]escpos.Status{
			"GS r 1": escpos.QueuedStatus(escpos.AskQueuedPaper, a.Byte), "GS r 2": escpos.QueuedStatus(escpos.AskQueuedDrawer, a.Byte),
		}
	case escpos.AnswerNoise:
		r.Kind = "noise"
	}
	return r
}
