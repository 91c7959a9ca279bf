package localapi

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/jifen-pos/jifen/terminal/words"
)

// Wrong is one fault of a request: where it is, and a sentence for whoever
// filled the field in.
type Wrong struct {
	Where   string `json:"where" doc:"such as body.lines[0].quantity, path.lane or query.lane" example:"body.lines[0].quantity"`
	Pointer string `json:"pointer,omitempty" doc:"the same place in the body, as a JSON pointer (RFC 6901)" example:"/lines/0/quantity"`
	Code    string `json:"code" doc:"stable: a word of the catalogue" example:"field-least"`
	ZH      string `json:"zh" doc:"the sentence in Chinese"`
	EN      string `json:"en" doc:"the sentence in English"`
}

// cut is between the code of a sentence and the value in it, in the messages
// that the library makes of a schema.
const cut = "\x00"

// The library's messages are turned into codes of the catalogue. It has one set
// for all.
func init() {
	huma.NewError = unread
	huma.ValidateStrictCasing = true // "Ref" is not "ref"
	validation.MsgUnexpectedProperty = "field-unknown"
	validation.MsgExpectedBoolean = "field-boolean"
	validation.MsgExpectedNumber, validation.MsgExpectedInteger = "field-whole", "field-whole"
	validation.MsgExpectedString = "field-text"
	validation.MsgExpectedArray = "field-list"
	validation.MsgExpectedObject = "field-object"
	validation.MsgExpectedOneOf = "field-one-of" + cut + "%s"
	validation.MsgExpectedMinimumNumber = "field-least" + cut + "%v"
	validation.MsgExpectedMaximumNumber = "field-most" + cut + "%v"
	validation.MsgExpectedMinLength = "field-short" + cut + "%d"
	validation.MsgExpectedMaxLength = "field-long" + cut + "%d"
	validation.MsgExpectedBePattern = "field-form" + cut + "%s"
	validation.MsgExpectedMatchPattern = "field-form" + cut + "%s"
	validation.MsgExpectedMinItems = "field-few" + cut + "%d"
	validation.MsgExpectedMaxItems = "field-many" + cut + "%d"
	validation.MsgExpectedRequiredProperty = "field-missing" + cut + "%s"
}

// wrongOf is one fault as the caller is told of it. A value that cannot be read
// at all, such as a lane that is no number, has a message of the library's own.
func wrongOf(err error) Wrong {
	var detail *huma.ErrorDetail
	if !errors.As(err, &detail) {
		detail = &huma.ErrorDetail{Message: err.Error()}
	}
	code, value, _ := strings.Cut(detail.Message, cut)
	w := Wrong{Where: detail.Location, Code: code}
	switch {
	case strings.HasPrefix(code, "field-"):
	case detail.Location == "body":
		w.Code, value = "field-json", ""
	case code == "unknown query parameter":
		w.Code, value = "field-unknown", ""
	default:
		w.Code, value = "field-unreadable", ""
	}
	switch w.Code {
	case "field-missing": // it is told at what it is missing in
		w.Where, value = strings.TrimPrefix(w.Where+"."+value, "."), ""
	case "field-least", "field-most":
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			value = strconv.FormatInt(int64(n), 10)
		}
	}
	w.Pointer = pointer(w.Where)
	w.ZH, w.EN = words.In("zh", w.Code, value), words.In("en", w.Code, value)
	return w
}

var step = regexp.MustCompile(`\.([^.\[\]]+)|\[(\d+)\]`)

// pointer is a place of the body as a JSON pointer, "" for one elsewhere.
func pointer(where string) string {
	rest, ok := strings.CutPrefix(where, "body")
	if !ok {
		return ""
	}
	var b strings.Builder
	for _, found := range step.FindAllStringSubmatch(rest, -1) {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(found[1]+found[2]))
	}
	return b.String()
}
