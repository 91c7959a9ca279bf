package programme

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// Limits of the list of products.
const (
	ProductsMax      = 50_000
	ProductsBytesMax = 16 << 20
	PriceMax         = lot.Fen(100_000_000) // one million yuan a piece
)

// Product is something sold at the till.
type Product struct {
	GTIN     string // 14 digits
	Name     Text
	Fen      lot.Fen // price of one piece
	Merchant string
	Eco      bool // earns green points (cap P2)
}

// Products is the list of what is sold, in the order of its document. Everyone
// shares it: nobody may change it.
type Products struct {
	list []Product
	at   map[string]int
}

var productTable = table{
	columns:  []string{"gtin13", "name_zh", "name_en", "fen", "merchant", "eco"},
	bytesMax: ProductsBytesMax,
	rowsMax:  ProductsMax,
}

// ParseProducts reads the list from CSV with the header
// gtin13,name_zh,name_en,fen,merchant,eco. Everything wrong in it is reported
// at once: the error is a list of Faults.
func ParseProducts(csv []byte) (*Products, error) {
	var faults Faults
	p := &Products{at: map[string]int{}}
	productTable.read(csv, &faults, func(r row) {
		product := readProduct(r)
		r.enter("gtin13", product.GTIN, len(p.list), p.at)
		p.list = append(p.list, product)
	})
	if err := faults.err(); err != nil {
		return nil, err
	}
	return p, nil
}

func readProduct(r row) Product {
	return Product{
		GTIN:     readGTIN(r),
		Name:     Text{ZH: r.word("name_zh", NameBytesMax), EN: r.word("name_en", NameBytesMax)},
		Fen:      lot.Fen(r.integer("fen", 0, int64(PriceMax))),
		Merchant: r.word("merchant", IDBytesMax),
		Eco:      r.flag("eco"),
	}
}

func readGTIN(r row) string {
	digits := r.cell("gtin13")
	if len(digits) != 13 || !numeric(digits) {
		r.fault("gtin13", "gtin13 must be 13 digits")
		return ""
	}
	if want := checkDigit(digits[:12]); digits[12] != want {
		r.fault("gtin13", "gtin13 %s ends in the wrong check digit; %c would be right", digits, want)
		return ""
	}
	return "0" + digits
}

func numeric(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// checkDigit is the GS1 check digit of what stands before it.
func checkDigit(digits string) byte {
	sum, weight := 0, 3
	for i := len(digits) - 1; i >= 0; i-- {
		sum += int(digits[i]-'0') * weight
		weight = 4 - weight
	}
	return byte('0' + (10-sum%10)%10)
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

// Check reports products of merchants that the programme does not have. The
// error is a list of Faults.
func (p *Products) Check(rules *Programme) error {
	var faults Faults
	for _, product := range p.list {
		if _, ok := rules.Merchant(product.Merchant); !ok {
			faults.add(0, 0, "product %s: %q is not a merchant of programme %s", product.GTIN, product.Merchant, rules.ID)
		}
	}
	return faults.err()
}
