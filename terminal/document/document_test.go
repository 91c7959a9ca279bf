package document_test

import (
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/document"
)

func read(text string, with func(document.Object)) (document.Faults, document.Marks) {
	var faults document.Faults
	marks := document.Marks{}
	root := document.Read([]byte(text), 1000, &faults, marks)
	with(root)
	root.Done()
	_ = faults.Err() // in the order of the document
	return faults, marks
}

// All faults come at once, in the order of the document, each in both languages.
func TestFaultsComeInBothLanguages(t *testing.T) {
	faults, _ := read("a: x\nb: [1, 1, 9]\nc: {zh: 茶}\nextra: 1\nextra2: 2\n", func(o document.Object) {
		o.Integer("a", document.Fen, 1, 5)
		o.Integers("b", document.Days, 1, 5)
		o.Text("c", 10)
		o.Flag("d")
		o.Word("e", 10)
	})
	want := []struct{ en, zh string }{
		{`line 1:1: "a" must be a whole number from 1 to 5`, `第1行第1列："a" 必须是 1 到 5 之间的整数`},
		{`line 1:1: "e" is missing`, `第1行第1列：缺少 "e"`},
		{`line 2:8: "1" stands here twice`, `第2行第8列："1" 在这里出现了两次`},
		{`line 2:11: "b" must be a whole number from 1 to 5`, `第2行第11列："b" 必须是 1 到 5 之间的整数`},
		{`line 3:4: "en" is missing`, `第3行第4列：缺少 "en"`},
		{`line 4:1: "extra" is not a key known here`, `第4行第1列：这里没有名为 "extra" 的键`},
		{`line 5:1: "extra2" is not a key known here`, `第5行第1列：这里没有名为 "extra2" 的键`},
	}
	if len(faults) != len(want) {
		t.Fatalf("faults: got %v, want %d", faults, len(want))
	}
	for i, w := range want {
		if en, zh := faults[i].Say("en"), faults[i].Say("zh"); en != w.en || zh != w.zh {
			t.Errorf("fault %d: got %s · %s, want %s · %s", i, en, zh, w.en, w.zh)
		}
	}
}

// Marks say where everything stands, by ids where there are any.
func TestMarksSayWhereThingsStand(t *testing.T) {
	faults, marks := read("list:\n  - id: tea\n    name: {zh: 茶, en: Tea}\n  - {n: 1}\n", func(o document.Object) {
		o.Each("list", 5, func(item document.Object) {
			if item.Has("id") {
				item.Word("id", 9)
				item.Text("name", 9)
				return
			}
			item.Integer("n", document.Number, 1, 1)
		})
	})
	if len(faults) > 0 {
		t.Fatalf("faults: %v", faults)
	}
	for path, want := range map[string]document.Position{
		"list/tea": {Line: 2, Column: 5}, "list/tea/name": {Line: 3, Column: 5}, "list/tea/name/en": {Line: 3, Column: 19}, "list/1/n": {Line: 4, Column: 6},
	} {
		if got := marks[path]; got != want {
			t.Errorf("mark of %s: got %v, want %v", path, got, want)
		}
	}
}

// A reader that is described asks for the same as one that reads.
func TestShapeIsWhatIsAskedFor(t *testing.T) {
	shape := document.Describe(func(o document.Object) {
		o.Word("id", 9)
		o.IntegerOr("n", document.Days, 0, 1, 7)
		o.OneOf(
			document.Case{Key: "a", Read: func() { o.Flag("a") }},
			document.Case{Key: "b", Read: func() { o.Word("b", 5) }},
		)
		inner := o.Optional("inner")
		inner.Choice("kind", true, document.Text{}, "x", "y")
		inner.Done()
	})
	schema, err := shape.Schema("id", document.Text{ZH: "题", EN: "T"}, map[string]document.Text{"n": {ZH: "天", EN: "days"}})
	if err != nil {
		t.Fatalf("Schema: %v", err)
	}
	for _, want := range []string{
		`"required": [
  "id"
 ]`, `"oneOf": [`, `"enum": [`, `"x-unit": "days"`, `"title": "天 · days"`, `"additionalProperties": false`,
	} {
		if !strings.Contains(string(schema), want) {
			t.Errorf("schema lacks %s:\n%s", want, schema)
		}
	}
}
