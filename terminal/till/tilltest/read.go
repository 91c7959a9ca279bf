package tilltest

import (
	"bytes"
	"testing"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Entry is an entry of a journal, where it stands, and its hash.
type Entry struct {
	ledger.Entry
	At   lot.Origin
	Hash ledger.Hash
}

// Entries are those of a terminal's journal, oldest first.
func Entries(t testing.TB, j journal.Journal, terminal ledger.TerminalID) (list []Entry) {
	t.Helper()
	err := j.View(func(tx journal.Tx) error {
		streams, err := tx.Streams()
		if err != nil {
			return err
		}
		for _, last := range streams {
			for seq := ledger.Seq(1); seq <= last.Seq; seq++ {
				r, err := tx.Record(last.Incarnation, seq)
				if err != nil {
					return err
				}
				e, err := ledger.Decode(r.Raw)
				if err != nil {
					return err
				}
				list = append(list, Entry{e, lot.Origin{Terminal: uint32(terminal), Incarnation: uint64(last.Incarnation), Seq: uint64(seq)}, r.Head.Hash})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("read the journal: %v", err)
	}
	return list
}

// festivity is what the lists of a festive programme have besides the demo's; the
// prizes of its game stand in the place of the line "prizes".
var festivity = []struct{ list, item string }{
	{"games:\n", `  - id: spring
    name: {zh: 新春刮刮乐, en: Spring scratch card}
    kind: scratch
    stake: {asset: points:consumption, points: 10}
    batch: 10
    prizes:
`},
	{"activities:\n", `  - {id: talk-here, name: {zh: 茶艺讲座, en: Tea talk}, gives: {asset: points:green, points: 50}}
`},
	{"surveys:\n", `  - id: service-here
    version: 1
    name: {zh: 服务满意度, en: Service}
    gives: {asset: points:green, points: 20}
    questions: [{text: {zh: 收银快吗, en: Was it quick}}, {text: {zh: 还会来吗, en: Will you come again}}]
`},
}

// Festive is the demo's programme with a game, spring, of these prizes, an
// activity, talk-here, and a survey, service-here.
func Festive(prizes ...string) []byte {
	rules := demo.Programme
	for _, f := range festivity {
		item := f.item
		if f.list == "games:\n" {
			for _, p := range prizes {
				item += "      - " + p + "\n"
			}
		}
		rules = bytes.Replace(rules, []byte("\n"+f.list), []byte("\n"+f.list+item), 1)
	}
	return rules
}
