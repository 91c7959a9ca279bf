package journal

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/codec"
)

// Damaged is a record that cannot be read, as it lies there.
type Damaged struct {
	Name string
	Raw  []byte
	Err  error
}

func (d *Damaged) Error() string { return fmt.Sprintf("record %q cannot be read: %v", d.Name, d.Err) }

func (d *Damaged) Unwrap() error { return d.Err }

// Aside is a damaged small record that nothing goes on with: its bytes are kept
// for a person.
type Aside struct {
	Name string
	Raw  []byte
	Wall int64 // when it was found, unix milliseconds
}

// Fields lists the message's fields.
func (a *Aside) Fields(c *codec.Coder) {
	codec.String(c, 1, &a.Name, asideNameMax)
	codec.Bytes(c, 2, &a.Raw, asideBytesMax)
	codec.Int(c, 3, &a.Wall)
}

const (
	asideNote     = "set-aside"
	asideNameMax  = 256
	asideBytesMax = 1 << 16
	asideMax      = 16 // of more, the oldest go
)

type asides struct{ List []Aside }

// Fields lists the message's fields.
func (a *asides) Fields(c *codec.Coder) { codec.List(c, 1, &a.List, asideMax) }

// ReadOrSetAside reads a small record, if there is one. One that is damaged is
// set aside, and empty from then on.
func ReadOrSetAside(j Journal, name string, wall int64, read func([]byte) error) (damaged *Damaged, err error) {
	err = j.View(func(tx Tx) error {
		b, err := tx.Note(name)
		if err != nil || len(b) == 0 {
			return err
		}
		if wrong := read(b); wrong != nil {
			return &Damaged{Raw: b, Err: wrong}
		}
		return nil
	})
	if !errors.As(err, &damaged) {
		return nil, err
	}
	damaged.Name = name
	return damaged, j.Update(func(tx Tx) error { return errors.Join(SetAside(tx, damaged, wall), tx.PutNote(name, []byte{})) })
}

// SetAside keeps what a damaged small record was, beside what others were.
func SetAside(tx Tx, d *Damaged, wall int64) error {
	list, err := SetAsides(tx)
	if err != nil { // it is damaged itself: what it kept is lost, and what is kept now is not
		list = nil
	}
	name, raw := d.Name[:min(len(d.Name), asideNameMax)], d.Raw[:min(len(d.Raw), asideBytesMax)]
	all := asides{append(list, Aside{name, raw, wall})}
	all.List = all.List[max(len(all.List)-asideMax, 0):]
	return tx.PutNote(asideNote, codec.Marshal(&all))
}

// SetAsides are the damaged small records that were set aside, oldest first.
func SetAsides(tx Tx) ([]Aside, error) {
	b, err := tx.Note(asideNote)
	if err != nil || b == nil {
		return nil, err
	}
	var all asides
	err = codec.Unmarshal(b, &all)
	return all.List, err
}
