// Package goods is the list of what is sold: by barcode, with name, price and
// merchant. It reads the list strictly from a table and answers look-ups; what the
// goods earn and cost in a campaign is the programme's.
package goods

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Limits of the list.
const (
	RowsMax  = 50_000
	BytesMax = 16 << 20
	PriceMax = lot.Fen(100_000_000) // one million yuan a piece

	idBytesMax   = 32
	nameBytesMax = 96 // 32 Chinese characters
)

// Product is something sold at the till.
type Product struct {
	GTIN     string // 14 digits
	Name     document.Text
	Fen      lot.Fen // price of one piece
	Merchant string
	Eco      bool // earns green points (cap P2)
	Category string
	Brand    string
}

// Products is the list of what is sold, in the order of its document. Everyone
// shares it: nobody may change it.
type Products struct {
	list []Product
	at   map[string]int
}

var productTable = document.Table{
	Columns:  []string{"gtin13", "name_zh", "name_en", "fen", "merchant", "eco"},
	More:     []string{"category", "brand"},
	BytesMax: BytesMax,
	RowsMax:  RowsMax,
}

// What can be wrong with a product.
var (
	notGTIN   = document.Text{ZH: "gtin13 必须是13位数字", EN: "gtin13 must be 13 digits"}
	wrongGTIN = document.Text{ZH: "gtin13 %s 的校验位不对，应当是 %c", EN: "gtin13 %s ends in the wrong check digit; %c would be right"}
	noSuch    = document.Text{ZH: "商品 %s：%q 不是计划 %s 的商户", EN: "product %s: %q is not a merchant of programme %s"}
	badWord   = document.Text{ZH: "%s 必须是小写字母、数字和连字符", EN: "%s must be lower-case letters, digits and hyphens"}
)

// Parse reads the list from CSV with the header
// gtin13,name_zh,name_en,fen,merchant,eco, and category,brand where they are known. Everything wrong in it is reported
// at once: the error is a list of Faults.
func Parse(csv []byte) (*Products, error) {
	var faults document.Faults
	p := &Products{at: map[string]int{}}
	productTable.Read(csv, &faults, func(r document.Row) {
		product := readProduct(r)
		r.Enter("gtin13", product.GTIN, len(p.list), p.at)
		p.list = append(p.list, product)
	})
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

func readProduct(r document.Row) Product {
	return Product{
		GTIN:     readGTIN(r),
		Name:     document.Text{ZH: r.Word("name_zh", nameBytesMax), EN: r.Word("name_en", nameBytesMax)},
		Fen:      lot.Fen(r.Integer("fen", 0, int64(PriceMax))),
		Merchant: r.Word("merchant", idBytesMax),
		Eco:      r.Flag("eco"),
		Category: readWord(r, "category"),
		Brand:    readWord(r, "brand"),
	}
}

func readWord(r document.Row, column string) string {
	word := r.Optional(column, idBytesMax)
	if word != "" && !lot.ValidName(word) {
		r.Fault(column, badWord, column)
	}
	return word
}

func readGTIN(r document.Row) string {
	digits := r.Cell("gtin13")
	if len(digits) != 13 || !document.Numeric(digits) {
		r.Fault("gtin13", notGTIN)
		return ""
	}
	if want := document.CheckDigit(digits[:12]); digits[12] != want {
		r.Fault("gtin13", wrongGTIN, digits, want)
		return ""
	}
	return "0" + digits
}

// Find looks a product up by its GTIN of 14 digits.
func (p *Products) Find(gtin string) (Product, bool) {
	i, ok := p.at[gtin]
	if !ok {
		return Product{}, false
	}
	return p.list[i], true
}

// All returns a copy of the list.
func (p *Products) All() []Product { return slices.Clone(p.list) }

// Len is how many products there are.
func (p *Products) Len() int { return len(p.list) }

// Rules says which merchants sell.
type Rules interface {
	Named() string
	Sells(merchant string) bool
}

// Check reports products of merchants that a programme does not have. The
// error is a list of Faults.
func (p *Products) Check(rules Rules) error {
	var faults document.Faults
	for _, product := range p.list {
		if !rules.Sells(product.Merchant) {
			faults.Add(document.Position{}, noSuch, product.GTIN, product.Merchant, rules.Named())
		}
	}
	return faults.Err()
}
