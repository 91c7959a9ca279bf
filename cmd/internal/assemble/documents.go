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
)

// documents are what both daemons go by: the bytes, and what they say.
type documents struct {
	raw       map[string][]byte // by kind
	programme *programme.Programme
	text      []byte // of the programme
	products  *programme.Products
	members   *programme.Members
	phoneKey  []byte
}

// loadDocuments reads those that the settings name.
func loadDocuments(paths config.Documents, phoneKey []byte) (documents, error) {
	raw := map[string][]byte{}
	for what, path := range map[string]string{"programme": paths.Programme, "products": paths.Products, "members": paths.Members} {
		b, err := os.ReadFile(path)
		if err != nil {
			return documents{}, fmt.Errorf("read document: %w", err)
		}
		raw[what] = b
	}
	d, err := parseDocuments(raw, phoneKey)
	if err != nil {
		return d, fmt.Errorf("documents %s, %s, %s:\n%w", paths.Programme, paths.Products, paths.Members, err)
	}
	return d, nil
}

// parseDocuments reads documents that belong together.
func parseDocuments(raw map[string][]byte, phoneKey []byte) (documents, error) {
	d := documents{raw: raw, text: raw["programme"], phoneKey: phoneKey}
	var err error
	d.programme, err = programme.Parse(d.text)
	products, failed := programme.ParseProducts(raw["products"])
	err = errors.Join(err, failed)
	members, failed := programme.ParseMembers(raw["members"], phoneKey)
	d.products, d.members = products, members
	if err = errors.Join(err, failed); err != nil {
		return d, err
	}
	return d, products.Check(d.programme)
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
