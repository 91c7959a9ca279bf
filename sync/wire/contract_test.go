package wire_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// The published contract.
const (
	entryProto = "terminal/ledger/entry.proto"
	wireProto  = "sync/wire/jifen.proto"
)

// contract is the two files, compiled.
func contract(t *testing.T) linker.Files {
	t.Helper()
	c := protocompile.Compiler{Resolver: &protocompile.SourceResolver{ImportPaths: []string{"../.."}}}
	files, err := c.Compile(t.Context(), entryProto, wireProto)
	if err != nil {
		t.Fatalf("Compile: %v", err)
	}
	return files
}

func message(t *testing.T, files linker.Files, name protoreflect.FullName) protoreflect.MessageDescriptor {
	t.Helper()
	for _, f := range files {
		if m, ok := f.FindDescriptorByName(name).(protoreflect.MessageDescriptor); ok {
			return m
		}
	}
	t.Fatalf("the contract has no message %s", name)
	return nil
}

// told are the fields that are written as the difference from what follows from
// the rest: a test of terminal/ledger holds them to what they mean.
var told = map[protoreflect.FullName]bool{
	"jifen.ledger.Line.gtin": true, "jifen.ledger.Award.bonus": true, "jifen.ledger.Award.unfunded": true,
	"jifen.ledger.Share.amount": true, "jifen.ledger.Tender.fen": true,
}

// kinds reads the enum Kind of a package as number and name of the message.
func kinds(t *testing.T, files linker.Files, name protoreflect.FullName) map[int]string {
	t.Helper()
	out := map[int]string{}
	for _, f := range files {
		enum, ok := f.FindDescriptorByName(name + ".Kind").(protoreflect.EnumDescriptor)
		if !ok {
			continue
		}
		for i := range enum.Values().Len() {
			v := enum.Values().Get(i)
			out[int(v.Number())] = strings.ReplaceAll(strings.TrimPrefix(string(v.Name()), "KIND_"), "_", "")
		}
	}
	delete(out, 0)
	return out
}

// newBody is an empty body of a kind, or nil for a kind that is not known.
func newBody(k ledger.Kind) ledger.Body {
	e, err := ledger.Decode(codec.Marshal(&wire.Envelope{Version: uint32(k)})) // both have their number first
	if errors.Is(err, ledger.ErrUnknownKind) {
		return nil
	}
	if err == nil {
		return e.Body
	}
	return map[ledger.Kind]ledger.Body{ // those that may not be empty
		ledger.KindRedeem: &ledger.Redeem{}, ledger.KindQuotaMinted: &ledger.QuotaMinted{},
	}[k]
}

func TestContractHoldsForEveryKindOfEntry(t *testing.T) {
	files := contract(t)
	published := kinds(t, files, "jifen.ledger")
	for k := range 1000 {
		body := newBody(ledger.Kind(k))
		name, ok := published[k]
		if (body != nil) != ok {
			t.Errorf("kind %d: known to the code %v, to the contract %v", k, body != nil, ok)
		}
		if body == nil {
			continue
		}
		fill(body)
		if got := strings.ToUpper(typeName(body)); got != name {
			t.Errorf("kind %d is %s in the code and %s in the contract", k, got, name)
		}
		same(t, message(t, files, protoreflect.FullName("jifen.ledger."+typeName(body))), body, codec.Marshal(body))
		entry := ledger.Entry{}
		fill(&entry)
		entry.Body = body
		raw, err := ledger.Encode(entry)
		if err != nil {
			t.Fatalf("Encode(kind %d) = %v", k, err)
		}
		d := read(t, message(t, files, "jifen.ledger.Entry"), raw)
		field := func(name protoreflect.Name) protoreflect.Value { return d.Get(d.Descriptor().Fields().ByName(name)) }
		if field("kind").Uint() != uint64(k) || field("critical").Bool() != body.Critical() || !bytes.Equal(field("body").Bytes(), codec.Marshal(body)) {
			t.Errorf("entry of kind %d reads as %v", k, d)
		}
		if wall := field("wall").Int(); field("booted").Int() != wall-entry.Mono {
			t.Errorf("entry of kind %d has booted %v at %d, want %d before it", k, field("booted"), wall, entry.Mono)
		}
		for _, skip := range []protoreflect.Name{"kind", "critical", "body"} {
			d.Clear(d.Descriptor().Fields().ByName(skip))
		}
		entry.Body = nil
		compare(t, "Entry", d, reflect.ValueOf(entry), map[string]bool{"kind": true, "critical": true, "body": true, "booted": true, "refhex": true})
	}
}

func TestContractHoldsForEveryMessage(t *testing.T) {
	files := contract(t)
	published := kinds(t, files, "jifen.wire")
	for k := range 1000 {
		e := wire.Envelope{Kind: wire.Kind(k)}
		m, err := e.Message()
		if name, ok := published[k]; (err == nil) != ok {
			t.Errorf("kind %d: known to the code %v, to the contract %v (%s)", k, err == nil, ok, name)
		}
		if err != nil {
			continue
		}
		fill(m)
		if got := strings.ToUpper(typeName(m)); got != published[k] {
			t.Errorf("kind %d is %s in the code and %s in the contract", k, got, published[k])
		}
		if name := typeName(m); name == "Batch" || name == "History" {
			d := read(t, message(t, files, protoreflect.FullName("jifen.wire."+name)), codec.Marshal(m))
			compare(t, name, d, reflect.ValueOf(m).Elem(), map[string]bool{"packed": true})
			continue
		}
		same(t, message(t, files, protoreflect.FullName("jifen.wire."+typeName(m))), m, codec.Marshal(m))
	}
}

func TestContractHoldsForWhatIsAroundThem(t *testing.T) {
	files := contract(t)
	for name, m := range map[protoreflect.FullName]codec.Message{
		"jifen.wire.Envelope": &wire.Envelope{}, "jifen.ledger.SignedDown": &ledger.SignedDown{},
		"jifen.ledger.Down": &ledger.Down{}, "jifen.ledger.Head": &ledger.Head{}, "jifen.ledger.LotId": &lot.ID{}, "jifen.ledger.Lot": &lot.Lot{},
	} {
		fill(m)
		same(t, message(t, files, name), m, codec.Marshal(m))
	}
}

// TestPackedBatchHoldsARun reads what is compressed under the contract too.
func TestPackedBatchHoldsARun(t *testing.T) {
	files := contract(t)
	batch := &wire.Batch{Incarnation: 1, First: 1}
	for n := range 100 {
		batch.Entries = append(batch.Entries, fmt.Appendf(nil, "entry %4d and some more of the same", n))
	}
	d := read(t, message(t, files, "jifen.wire.Batch"), codec.Marshal(batch))
	packed := d.Get(d.Descriptor().Fields().ByName("packed")).Bytes()
	if len(packed) == 0 {
		t.Fatal("batch of 4 kB is not packed")
	}
	run := read(t, message(t, files, "jifen.wire.Run"), unzstd(t, packed))
	list := run.Get(run.Descriptor().Fields().ByName("entries")).List()
	if list.Len() != len(batch.Entries) || !bytes.Equal(list.Get(99).Bytes(), batch.Entries[99]) {
		t.Errorf("run of %d entries, want %d", list.Len(), len(batch.Entries))
	}
}

func typeName(m any) string { return reflect.TypeOf(m).Elem().Name() }

// read parses bytes under a message of the contract, which must know them all.
func read(t *testing.T, d protoreflect.MessageDescriptor, b []byte) protoreflect.Message {
	t.Helper()
	m := dynamicpb.NewMessage(d)
	if err := proto.Unmarshal(b, m); err != nil {
		t.Fatalf("Unmarshal(%s) = %v", d.FullName(), err)
	}
	return m
}

// same holds our bytes of a message against the contract and its values.
func same(t *testing.T, d protoreflect.MessageDescriptor, m any, b []byte) {
	t.Helper()
	compare(t, string(d.Name()), read(t, d, b), reflect.ValueOf(m).Elem(), nil)
}

func compare(t *testing.T, path string, d protoreflect.Message, v reflect.Value, apart map[string]bool) {
	t.Helper()
	if len(d.GetUnknown()) > 0 {
		t.Errorf("%s: %x is not in the contract", path, d.GetUnknown())
	}
	fields := d.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		name := strings.ReplaceAll(string(f.Name()), "_", "")
		if apart[name] || told[f.FullName()] {
			continue
		}
		ours := v.FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, name) })
		if !ours.IsValid() {
			t.Errorf("%s: the code has no field %s", path, f.Name())
			continue
		}
		compareValue(t, path+"."+string(f.Name()), f, d.Get(f), ours)
	}
}

func compareValue(t *testing.T, path string, f protoreflect.FieldDescriptor, d protoreflect.Value, v reflect.Value) {
	t.Helper()
	if f.IsList() {
		if d.List().Len() != v.Len() {
			t.Errorf("%s has %d values, want %d", path, d.List().Len(), v.Len())
			return
		}
		for i := range v.Len() {
			compareOne(t, fmt.Sprintf("%s[%d]", path, i), f, d.List().Get(i), v.Index(i))
		}
		return
	}
	compareOne(t, path, f, d, v)
}

func compareOne(t *testing.T, path string, f protoreflect.FieldDescriptor, d protoreflect.Value, v reflect.Value) {
	t.Helper()
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.IsZero() {
		t.Errorf("%s is not set in the sample: the test shows nothing about it", path)
	}
	var got, want any
	switch f.Kind() {
	case protoreflect.MessageKind:
		compare(t, path, d.Message(), v, nil)
		return
	case protoreflect.BytesKind:
		want = fmt.Sprintf("%x", v.Interface())
		got = fmt.Sprintf("%x", d.Bytes())
	case protoreflect.Int32Kind, protoreflect.Int64Kind:
		got, want = d.Int(), v.Int()
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		got, want = d.Uint(), v.Uint()
	case protoreflect.StringKind:
		got, want = d.String(), v.String()
	case protoreflect.BoolKind:
		got, want = d.Bool(), v.Bool()
	default:
		t.Fatalf("%s is of a sort that the test does not know: %s", path, f.Kind())
	}
	if got != want {
		t.Errorf("%s = %v under the contract, want %v", path, got, want)
	}
}

// fill sets every field of a message to a value of its own.
func fill(m any) {
	n := 60_000 // more than the fields of any message
	fillValue(reflect.ValueOf(m).Elem(), &n)
}

func fillValue(v reflect.Value, n *int) {
	if !v.CanSet() {
		return
	}
	*n-- // smaller from field to field: a line's deduction is within its price
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fillValue(v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillValue(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			if v.Index(i).Kind() == reflect.Uint8 {
				v.Index(i).SetUint(uint64(*n&0x7f + i + 1))
				continue
			}
			fillValue(v.Index(i), n)
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("s%d", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8:
		v.SetUint(uint64(*n%200 + 1))
	case reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*n))
	}
}
