package assemble

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/parcel"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
)

// documents are what both daemons go by: the bytes, and what they say.
type documents struct {
	raw       map[string][]byte // by kind
	programme *programme.Programme
	text      []byte // of the programme
	products  *programme.Products
	members   *roll.Members
	phoneKey  []byte
}

// loadDocuments reads those that the settings name.
func loadDocuments(paths config.Documents, phoneKey []byte) (documents, error) {
	names := map[string]string{"programme": paths.Programme, "products": paths.Products, "members": paths.Members}
	raw := map[string][]byte{}
	for what, path := range names {
		b, err := os.ReadFile(path)
		if err != nil {
			return documents{}, fmt.Errorf("read document: %w", err)
		}
		raw[what] = b
	}
	return parseDocuments(raw, names, phoneKey)
}

// parseDocuments reads documents that belong together, and says what is wrong
// with each under its name.
func parseDocuments(raw map[string][]byte, names map[string]string, phoneKey []byte) (documents, error) {
	d := documents{raw: raw, text: raw["programme"], phoneKey: phoneKey}
	var programmes, products, members error
	d.programme, programmes = programme.Parse(d.text)
	d.products, products = programme.ParseProducts(raw["products"])
	d.members, members = roll.Parse(raw["members"], phoneKey)
	err := errors.Join(named(names["programme"], programmes), named(names["products"], products), named(names["members"], members))
	if err != nil {
		return d, err
	}
	return d, named(names["products"], d.products.Check(d.programme))
}

func named(document string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("document %s:\n%w", document, err)
}

// publish tells terminals of the documents that HQ was started with, where they
// are not those that it published last.
func publish(h *hq.HQ, d documents) error {
	for _, what := range hq.Documents {
		root := parcel.Root(d.raw[what])
		version := fmt.Sprintf("%x", root[:4])
		if what == "programme" {
			version = d.programme.Version()
		}
		if err := h.Publish(what, version, d.raw[what], time.Time{}); err != nil {
			return err
		}
	}
	return nil
}
