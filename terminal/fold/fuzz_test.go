package fold_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// FuzzApply reads its input as a list of entries of all kinds, right and wrong
// ones. What is refused must leave the table alone (tryRaw and tryDown look),
// what is taken must be readable again and add up (flush looks).
func FuzzApply(f *testing.F) {
	f.Add([]byte{0, 1, 1, 9, 200, 2, 5, 3, 4, 1, 5, 2, 6, 3, 7, 0, 8, 1})
	f.Add([]byte{0, 0, 1, 255, 1, 255, 5, 255, 5, 255, 10, 4, 1, 2, 3, 4})
	f.Add([]byte{0, 2, 9, 0, 5, 1, 0, 3, 5, 1, 2, 2, 2, 2, 4, 7})
	for kind := range byte(ledger.KindMax) {
		program := []byte{0, 1, 1, 1, 3, 3}
		for n := range byte(60) {
			program = append(program, 6+kind, n*7+kind)
		}
		f.Add(program)
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		b := newBench(t)
		p := &reader{program}
		for range 60 {
			if len(p.b) == 0 {
				break
			}
			b.step(p)
		}
		if diff := alike(b.table, b.replay(1<<30)); diff != "" {
			t.Errorf("folded again: %s", diff)
		}
	})
}

// FuzzModel reads its input as choices of the driver: fold and model must come
// to the same.
func FuzzModel(f *testing.F) {
	f.Add([]byte("sale, return, alias, sale"))
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27})
	names := slices.Sorted(maps.Keys(actions))
	f.Fuzz(func(t *testing.T, program []byte) {
		p := &reader{program}
		r := newRun(newBench(t))
		r.choose = func(n int) int { return int(p.next()) % n }
		for range 60 {
			if len(p.b) == 0 {
				break
			}
			r.act(names[r.choose(len(names))])
			r.check()
		}
	})
}

// reader hands out numbers; it gives zeros when there is nothing left.
type reader struct{ b []byte }

func (r *reader) next() uint64 {
	if len(r.b) == 0 {
		return 0
	}
	n := r.b[0]
	r.b = r.b[1:]
	return uint64(n)
}

// amount is small, or the most there may be.
func (r *reader) amount() lot.Amount {
	if n := r.next(); n != 255 {
		return lot.Amount(n) + 1
	}
	return lot.AmountMax
}

func (r *reader) member() member.ID { return member.ID(r.next() % 3) }

func (r *reader) lot() lot.ID {
	n := r.next()
	id := lot.ID{Origin: lot.Origin{Terminal: uint32(here) * uint32(n&1), Incarnation: 1 + n>>1&1, Seq: n >> 2 & 7}, N: uint32(n >> 5 & 1)}
	id.N += []uint32{0, ledger.AnewFrom, ledger.VoucherFrom, ledger.PrizeFrom}[n>>6]
	return id
}

// assets that a fuzzed entry names.
var assets = []lot.Asset{points, green, teaSet, "home", birthday, allowance, coupon, stock, budget, ""}

// fill gives every field of a message a value, mostly one that is allowed.
func (r *reader) fill(v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *lot.ID:
		*x = r.lot()
	case *lot.Origin:
		*x = r.lot().Origin
	case *lot.Amount:
		*x = r.amount()
	case *member.ID:
		*x = r.member()
	case *lot.Asset:
		*x = assets[r.next()%uint64(len(assets))]
	case *lot.Day:
		*x = 20000 + lot.Day(r.next()%3)
	case *ledger.Head:
	case *ledger.Line:
		*x = ledger.Line{Qty: int64(r.next() % 4), Fen: lot.Fen(r.next())}
	default:
		r.fillKind(v)
	}
	switch x := v.Addr().Interface().(type) { // what must fit together
	case *ledger.PoolPart:
		x.Owner, x.Allowance = max(x.Owner, 1), slices.Clone(x.Draws)
		for n := range x.Allowance {
			x.Allowance[n].Lot = r.lot()
		}
	case *ledger.Award:
		x.Base = min(x.Base, x.Amount)
	}
}

func (r *reader) fillKind(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for n := range v.NumField() {
			r.fill(v.Field(n))
		}
	case reflect.Slice:
		for n := range int(r.next() % 3) {
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
			r.fill(v.Index(n))
		}
	case reflect.Pointer:
		if r.next()%2 == 1 {
			v.Set(reflect.New(v.Type().Elem()))
			r.fill(v.Elem())
		}
	case reflect.String:
		v.SetString([]string{"", "cash", "base"}[r.next()%3])
	case reflect.Bool:
		v.SetBool(r.next()%2 == 1)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(r.next() % 8)
	case reflect.Int64, reflect.Int32:
		v.SetInt(int64(r.next()))
	}
}

// kindBodies are empty bodies of every kind.
var kindBodies = []func() ledger.Body{
	func() ledger.Body { return &ledger.Sale{} }, func() ledger.Body { return &ledger.Redeem{} },
	func() ledger.Body { return &ledger.VoucherUse{} }, func() ledger.Body { return &ledger.Decline{} },
	func() ledger.Body { return &ledger.NoteGiven{} }, func() ledger.Body { return &ledger.AskGivenUp{} },
	func() ledger.Body { return &ledger.Mark{} }, func() ledger.Body { return &ledger.Return{} },
	func() ledger.Body { return &ledger.VoucherBack{} }, func() ledger.Body { return &ledger.Grant{} },
	func() ledger.Body { return &ledger.WriteOff{} }, func() ledger.Body { return &ledger.Transfer{} },
	func() ledger.Body { return &ledger.SignIn{} }, func() ledger.Body { return &ledger.InForce{} },
	func() ledger.Body { return &ledger.ClockStep{} }, func() ledger.Body { return &ledger.Printed{} },
	func() ledger.Body { return &ledger.Outage{} }, func() ledger.Body { return &ledger.Carry{} },
	func() ledger.Body { return &ledger.ReturnClaim{} }, func() ledger.Body { return &ledger.CheckIn{} },
	func() ledger.Body { return &ledger.Answer{} }, func() ledger.Body { return &ledger.QuotaMinted{} },
	func() ledger.Body { return &ledger.Play{} }, func() ledger.Body { return &ledger.Enrol{} },
	func() ledger.Body { return &ledger.Consent{} }, func() ledger.Body { return &ledger.StepUp{} }, func() ledger.Body { return &ledger.Locked{} },
	func() ledger.Body { return &ledger.PaperClaim{} }, func() ledger.Body { return &ledger.NoteByHand{} },
	func() ledger.Body { return &ledger.DayOpen{} }, func() ledger.Body { return &ledger.DayClose{} },
	func() ledger.Body { return &ledger.Reprint{} }, func() ledger.Body { return &ledger.Stop{} },
	func() ledger.Body { return &ledger.Doubt{} },
}

func (b *bench) step(p *reader) {
	b.t.Helper()
	i := b.state.Head().Incarnation
	n := p.next()
	switch n {
	case 0:
		parent := b.state.Head()
		if p.next()%5 == 0 {
			parent.Seq++
		}
		_, _ = b.try(ledger.Incarnation(p.next()%4), &ledger.Open{Parent: parent, Witness: ledger.Witness(p.next() % 3)})
		return
	case 1, 2:
		d := ledger.Down{Terminal: here, Seq: b.state.Mark() + 1}
		p.fillDown(&d)
		var read ledger.Down // as a terminal gets it: what cannot be said is refused before it is folded
		if codec.Unmarshal(codec.Marshal(&d), &read) == nil {
			_, _ = b.tryDown(read)
		}
		return
	case 3:
		_, _ = b.tryDown(ledger.Down{Terminal: ledger.TerminalID(p.next()), Seq: ledger.DownSeq(p.next())})
		return
	case 4:
		i := ledger.Incarnation(p.next() % 4)
		_, _ = b.tryRaw(i, p.b[:min(int(p.next()), len(p.b))])
		return
	case 5:
		_, _ = b.try(ledger.Incarnation(p.next()%4), &ledger.Mark{})
		return
	}
	body := kindBodies[(n-6)%uint64(len(kindBodies))]()
	p.fill(reflect.ValueOf(body).Elem())
	if k, ok := body.(*ledger.Carry); ok {
		if waiting := b.state.Waiting(); len(waiting) > 0 {
			w := waiting[p.next()%uint64(len(waiting))]
			k.Parent, k.Named = w.Head, w.Moved
		}
	}
	_, _ = b.try(i, body)
}

// fillDown makes one of the things that HQ says.
func (r *reader) fillDown(d *ledger.Down) {
	switch r.next() % 7 {
	case 6:
		d.Release = &ledger.Release{}
		r.fill(reflect.ValueOf(d.Release).Elem())
	case 0:
		d.Note = &lot.Note{}
		r.fill(reflect.ValueOf(d.Note).Elem())
		d.Note.Terminal, d.Note.Incarnation = uint32(here), 1+r.next()%2
	case 1:
		d.Recall = &ledger.Recall{}
		r.fill(reflect.ValueOf(d.Recall).Elem())
	case 2:
		d.Alias = &ledger.Alias{From: 1 + r.member(), To: 1 + r.member(), Undo: r.next()%2 == 1}
		if d.Alias.From == d.Alias.To {
			d.Alias.To++
		}
	case 3:
		d.Settled = &ledger.Settled{}
		r.fill(reflect.ValueOf(d.Settled).Elem())
	case 4:
		d.Ruling = &ledger.Ruling{}
		r.fill(reflect.ValueOf(d.Ruling).Elem())
	}
}
