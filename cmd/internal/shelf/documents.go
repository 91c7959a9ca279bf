package shelf

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"time"

	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/sync/parcel"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
)

// Documents are what both daemons go by: the bytes, and what they say.
type Documents struct {
	Raw       map[string][]byte // by kind
	Programme *programme.Programme
	Text      []byte // of the programme
	Products  *programme.Products
	Members   *roll.Members
	Deals     []game.Deal // of one terminal
	phoneKey  []byte
}

// Load reads those that the settings name.
func Load(paths config.Documents, phoneKey []byte) (Documents, error) {
	names := map[string]string{"programme": paths.Programme, "products": paths.Products, "members": paths.Members}
	raw := map[string][]byte{}
	for what, path := range names {
		b, err := os.ReadFile(path)
		if err != nil {
			return Documents{}, fmt.Errorf("read document: %w", err)
		}
		raw[what] = b
	}
	return parse(raw, names, phoneKey)
}

// parse reads documents that belong together, and says what is wrong
// with each under its name.
func parse(raw map[string][]byte, names map[string]string, phoneKey []byte) (Documents, error) {
	d := Documents{Raw: raw, Text: raw["programme"], phoneKey: phoneKey}
	var programmes, products, members error
	d.Programme, programmes = programme.Parse(d.Text)
	d.Products, products = programme.ParseProducts(raw["products"])
	d.Members, members = roll.Parse(raw["members"], phoneKey)
	err := errors.Join(named(names["programme"], programmes), named(names["products"], products), named(names["members"], members))
	if err != nil {
		return d, err
	}
	return d, named(names["products"], d.Products.Check(d.Programme))
}

func named(document string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("document %s:\n%w", document, err)
}

// AsPublished is the documents with the programme that a person published last
// at HQ in the place of the settings' own.
func AsPublished(d Documents, b book.Book) (Documents, error) {
	text, byPerson, err := library.Published(b, "programme")
	if err != nil || !byPerson {
		return d, err
	}
	raw := maps.Clone(d.Raw)
	raw["programme"] = text
	return parse(raw, map[string]string{"programme": "programme as published", "products": "products", "members": "members"}, d.phoneKey)
}

// Publish tells terminals of the documents that HQ was started with, where they
// are not those that it published last.
func Publish(h *hq.HQ, d Documents) error {
	for _, what := range hq.Documents {
		root := parcel.Root(d.Raw[what])
		version := fmt.Sprintf("%x", root[:4])
		if what == "programme" {
			version = d.Programme.Version()
		}
		if err := h.Publish(what, version, d.Raw[what], time.Time{}); err != nil {
			return err
		}
	}
	return nil
}
