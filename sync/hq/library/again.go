package library

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/grant"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/parcel"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// What persons published is in force again in a book that went back to before it: the
// grant log says what they decided, and beside it lie the documents.

// Named is the document that a record of the grant log names, if a person decided of
// one in it.
func Named(raw []byte) (root ledger.Hash, ok bool) {
	g, err := grant.Open(raw)
	if err != nil || g.Entry == nil || g.Entry.Kind != (*office.Judge)(nil).Kind() {
		return root, false
	}
	b, err := office.Decode(g.Entry.Kind, g.Entry.Body)
	j, judged := b.(*office.Judge)
	if err != nil || !judged || j.Document == nil {
		return root, false
	}
	return j.Document.Root, true
}

// ByPersons lists the documents of the kinds that persons published: those in force,
// and those that can be gone back to.
func ByPersons(tx book.Tx) (roots []ledger.Hash, err error) {
	for _, what := range Kinds {
		if person, err := tx.Meta(personMeta(what)); err != nil {
			return nil, err
		} else if pilot, err := tx.Meta(pilotMeta(what)); err != nil || person == "" && pilot == "" {
			if err != nil {
				return nil, err
			}
			continue
		}
		for _, name := range []string{headMeta(what), pilotMeta(what), pastMeta(what)} {
			texts, err := tx.Meta(name)
			if err != nil {
				return nil, err
			}
			for _, text := range strings.Fields(texts) {
				d, err := readHead(text)
				if err != nil {
					return nil, err
				}
				roots = append(roots, d.Root)
			}
		}
	}
	return roots, nil
}

// Packed is a document as it is kept, or nil.
func Packed(tx book.Tx, root ledger.Hash) ([]byte, error) {
	_, packed, err := stored(tx, root)
	return packed, err
}

// Again does again what a person decided of a document; kept is what lies beside the
// grant log. Of a document that is nowhere any more, a person is told: they publish it
// once more.
func Again(w *decision.Work, j *office.Judge, kept func(ledger.Hash) ([]byte, error)) error {
	d := j.Document
	there, err := bring(w.Tx, d.Root, kept)
	if err != nil {
		return err
	}
	if !there {
		return w.Alarm(0, "alarm-document-lost", d.What+" "+d.Version)
	}
	head := headText(d)
	if j.Verdict == office.Published && j.Stores != "" {
		return errors.Join(w.Tx.PutMeta(pilotMeta(d.What), head), w.Tx.PutMeta(storesMeta(d.What), j.Stores))
	}
	was, err := w.Tx.Meta(headMeta(d.What))
	if err != nil {
		return err
	}
	if j.Verdict == office.TakenBack {
		err = forgetUpTo(w.Tx, d.What, head)
	} else {
		err = remember(w.Tx, d.What, was)
	}
	return errors.Join(err, shelve(w.Tx, d.What, head))
}

// bring has a document's bytes in the book, out of what is kept beside the grant log
// where the book has not got them.
func bring(tx book.Tx, root ledger.Hash, kept func(ledger.Hash) ([]byte, error)) (bool, error) {
	if document, _, err := stored(tx, root); err != nil || document != nil {
		return document != nil, err
	}
	packed, err := kept(root)
	if err != nil || packed == nil {
		return false, nil // damaged is lost
	}
	if _, err := parcel.Unpack(packed, nil, root); err != nil {
		return false, nil
	}
	return true, tx.PutMeta(bytesMeta(root), base64.StdEncoding.EncodeToString(packed))
}

// forgetUpTo takes a head that was gone back to from those that can be.
func forgetUpTo(tx book.Tx, what, head string) error {
	past, err := tx.Meta(pastMeta(what))
	if err != nil {
		return err
	}
	before := strings.Fields(past)
	if n := slices.Index(before, head); n == 0 { // else a pilot was taken back
		return tx.PutMeta(pastMeta(what), strings.Join(before[1:], " "))
	}
	return nil
}
