// Package document reads the documents that people write, strictly: YAML whose
// every key is asked for, and tables in CSV. Everything wrong is reported at
// once, with its place, in both languages. The same code that reads a document
// describes it: Describe runs it without a document and gives the shape, which
// is published as JSON Schema. It knows nothing of what the documents mean, and
// reads no file or clock.
package document

import "fmt"

// Text is what people read, in both languages of the product.
type Text struct {
	ZH, EN string
}

// In returns the text in a language, "en" or "zh". Chinese stands in for any
// other and for what has not been translated.
func (t Text) In(lang string) string {
	if lang == "en" && t.EN != "" {
		return t.EN
	}
	return t.ZH
}

// Fill puts arguments into a text whose two sides are formats of the same ones.
func (t Text) Fill(args ...any) Text {
	if len(args) == 0 {
		return t
	}
	return Text{ZH: fmt.Sprintf(t.ZH, args...), EN: fmt.Sprintf(t.EN, args...)}
}

// What can be wrong with any document.
var (
	tooLong     = Text{"文件有 %d 字节，上限是 %d", "the document has %d bytes; the limit is %d"}
	notUTF8     = Text{"文件不是 UTF-8 文本", "the document is not UTF-8 text"}
	tooDeepText = Text{"嵌套超过 %d 层", "nested more than %d levels deep"}
	oneDocument = Text{"文本里必须正好有一份文件", "the text must hold one document"}
	syntaxText  = Text{"YAML 语法错误：%s", "%s"}
	notMapping  = Text{"这里应当是“键: 值”的列表", "a list of keys with values belongs here"}
	notPlainKey = Text{"键必须是普通的词", "a key must be a plain word"}
	twice       = Text{"%q 在这里出现了两次", "%q stands here twice"}
	unknownKey  = Text{"这里没有名为 %q 的键", "%q is not a key known here"}
	missing     = Text{"缺少 %q", "%q is missing"}
	notList     = Text{"%q 必须是列表，最多 %d 项", "%q must be a list of at most %d"}
	notShort    = Text{"%q 必须是列表，有 1 到 %d 项", "%q must be a list of 1 to %d"}
	notText     = Text{"%q 必须是文字", "%q must be text"}
	notInteger  = Text{"%q 必须是 %d 到 %d 之间的整数", "%q must be a whole number from %d to %d"}
	notFlag     = Text{"%q 必须是 true 或 false", "%q must be true or false"}
	mustName    = Text{"%q 必须写%s", "%q must name %s"}

	spacesFit  = Text{"必须有文字，首尾不能有空格", "must be text without spaces at its ends"}
	longFit    = Text{"超过 %d 字节", "has more than %d bytes"}
	controlFit = Text{"含有控制字符或不可见字符", "holds a control character or an invisible one"}
)
