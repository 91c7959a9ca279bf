package game

import (
	"fmt"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// DealsMax bounds the batches that one terminal has at a time.
const DealsMax = 4 * programme.GamesMax

// Deal is a batch as the terminal that plays it has it: with the seed, which
// nobody else may know before the batch is finished.
type Deal struct {
	Batch Batch
	Seal  Seal
	Seed  Seed
}

// Fields lists the message's fields.
func (d *Deal) Fields(c *codec.Coder) {
	codec.Value(c, 1, &d.Batch)
	codec.Array(c, 2, d.Seal[:])
	codec.Array(c, 3, d.Seed[:])
}

// Deals are the batches of one terminal, as the document that it gets.
type Deals struct{ List []Deal }

// Fields lists the message's fields.
func (d *Deals) Fields(c *codec.Coder) { codec.List(c, 1, &d.List, DealsMax) }

// ReadDeals reads the document, and checks that every seal is of its batch.
func ReadDeals(b []byte) ([]Deal, error) {
	var d Deals
	if err := codec.Unmarshal(b, &d); err != nil {
		return nil, fmt.Errorf("sealed batches: %w", err)
	}
	for i := range d.List {
		if d.List[i].Batch.Seal(d.List[i].Seed) != d.List[i].Seal {
			return nil, fmt.Errorf("batch %s: %w", d.List[i].Batch.ID, ErrSeal)
		}
	}
	return d.List, nil
}

// TicketsLot is the right to play a batch: a lot of as many as it has tickets, which
// belongs to the programme and is held by one terminal. What is gone of it is the
// number of the next ticket; so no ticket is played twice, whatever becomes of the
// terminal. HQ gives it whole, and takes it back whole and for good.
func (b *Batch) TicketsLot() lot.Asset { return lot.BudgetAsset(b.Game, b.ID) }
