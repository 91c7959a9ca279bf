package programme

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
