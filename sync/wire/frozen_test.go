package wire_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

var freeze = flag.Bool("freeze", false, "add vectors for the kinds that have none yet; those that are there stay")

// frozenFile holds one sample of every kind of entry, of entry of HQ's journal and
// of message: its bytes, which never change, and what they mean under the
// published contract. HQ's key is Ed25519's of 32 bytes 2.
const frozenFile = "testdata/v1/vectors.txt"

// vector is one sample.
type vector struct {
	name  string // "entry 3 Sale"
	bytes []byte
	means []string // name of the message in the contract and its JSON, outermost first
}

// TestFrozenVectors reads what version 1 wrote, and writes it as version 1 did.
func TestFrozenVectors(t *testing.T) {
	frozen := readVectors(t)
	var missing []vector
	for _, v := range samples(t) {
		old, ok := frozen[v.name]
		if !ok {
			missing = append(missing, v)
			continue
		}
		t.Run(strings.ReplaceAll(v.name, " ", "-"), func(t *testing.T) {
			again, err := rewritten(old)
			if err != nil || !bytes.Equal(again, old.bytes) {
				t.Errorf("read and written again: %x, %v; want %x", again, err, old.bytes)
			}
			if got := meaning(t, old.name, old.bytes); !reflect.DeepEqual(got, old.means) {
				t.Errorf("under the contract it means\n%q\nwant\n%q", got, old.means)
			}
		})
		delete(frozen, v.name)
	}
	for name := range frozen {
		t.Errorf("version 1 has %q, and this build does not know it any more", name)
	}
	if len(missing) > 0 && !*freeze {
		t.Errorf("%d kinds are not frozen, the first is %q: go test ./sync/wire -run TestFrozenVectors -freeze", len(missing), missing[0].name)
	}
	if *freeze {
		appendVectors(t, missing)
	}
}

// samples has one of every kind that this build knows.
func samples(t *testing.T) (list []vector) {
	t.Helper()
	add := func(name string, b []byte) { list = append(list, vector{name, b, meaning(t, name, b)}) }
	for k := range ledger.Kind(1000) {
		body := newBody(k)
		if body == nil {
			continue
		}
		fill(body)
		makeSound(reflect.ValueOf(body).Elem())
		entry := ledger.Entry{}
		fill(&entry)
		entry.Body = body
		raw, err := ledger.Encode(entry)
		if err != nil {
			t.Fatalf("Encode(kind %d) = %v", k, err)
		}
		add(fmt.Sprintf("entry %d %s", k, typeName(body)), raw)
	}
	bodies := reflect.TypeFor[ledger.Down]()
	for n := range bodies.NumField() {
		f := bodies.Field(n)
		if f.Type.Kind() != reflect.Pointer {
			continue
		}
		d := ledger.Down{Terminal: 7, Epoch: 9, Seq: 11, Wall: 1795758715717}
		body := reflect.New(f.Type.Elem())
		fill(body.Interface())
		reflect.ValueOf(&d).Elem().Field(n).Set(body)
		add("down "+f.Name, ledger.SignDown(d, hqKey))
	}
	for _, m := range messages(t) {
		add(fmt.Sprintf("message %d %s", m.Kind(), typeName(m)), wire.Seal(7, 9, m, hqKey))
	}
	return list
}

// makeSound mends what no reader would believe of a body whose fields were filled:
// a line's price covers what comes off it, an allowance is what the pool spends.
func makeSound(v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *ledger.Line:
		x.Fen = x.Off + x.Deducted + x.Rounded + 1
	case *ledger.PoolPart:
		x.Allowance = x.Draws
	}
	switch v.Kind() {
	case reflect.Struct:
		for n := range v.NumField() {
			if v.Field(n).CanSet() {
				makeSound(v.Field(n))
			}
		}
	case reflect.Pointer:
		makeSound(v.Elem())
	case reflect.Slice:
		for n := range v.Len() {
			makeSound(v.Index(n))
		}
	}
}

// rewritten reads a vector and writes it anew.
func rewritten(v vector) ([]byte, error) {
	sort, _, _ := strings.Cut(v.name, " ")
	switch sort {
	case "entry":
		e, err := ledger.Decode(v.bytes)
		if err != nil {
			return nil, err
		}
		return ledger.Encode(e)
	case "down":
		d, err := ledger.OpenDown(v.bytes, public(hqKey))
		return ledger.SignDown(d, hqKey), err
	}
	e, err := wire.Open(v.bytes)
	if err != nil {
		return nil, err
	}
	if err := e.Verify(public(hqKey)); err != nil {
		return nil, err
	}
	m, err := e.Message()
	if err != nil {
		return nil, err
	}
	return wire.Seal(e.Terminal, e.Epoch, m, hqKey), nil
}

// meaning reads bytes by the published contract alone: what is around a body, and
// the body.
func meaning(t *testing.T, name string, b []byte) []string {
	t.Helper()
	files := contract(t)
	words := strings.Fields(name)
	layers := map[string][]protoreflect.FullName{
		"entry": {"jifen.ledger.Entry", protoreflect.FullName("jifen.ledger." + words[len(words)-1])},
		"down":  {"jifen.ledger.SignedDown", "jifen.ledger.Down"}, "message": {"jifen.wire.Envelope", protoreflect.FullName("jifen.wire." + words[len(words)-1])},
	}[words[0]]
	var out []string
	for _, layer := range layers {
		m := read(t, message(t, files, layer), b)
		text, err := protojson.Marshal(m.Interface())
		if err != nil {
			t.Fatal(err)
		}
		var plain any
		if err := json.Unmarshal(text, &plain); err != nil {
			t.Fatal(err)
		}
		text, err = json.Marshal(plain) // the order and the spaces of protojson are drawn
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(layer)+" "+string(text))
		for _, field := range []protoreflect.Name{"body", "down"} {
			if f := m.Descriptor().Fields().ByName(field); f != nil && f.Kind() == protoreflect.BytesKind {
				b = m.Get(f).Bytes()
			}
		}
	}
	return out
}

func readVectors(t *testing.T) map[string]vector {
	t.Helper()
	out := map[string]vector{}
	f, err := os.Open(frozenFile)
	if os.IsNotExist(err) {
		return out
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var v vector
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		word, rest, _ := strings.Cut(in.Text(), " ")
		switch word {
		case "bytes":
			if v.bytes, err = hex.DecodeString(rest); err != nil {
				t.Fatalf("%s: %v", v.name, err)
			}
		case "means":
			v.means = append(v.means, rest)
		case "":
			if v.name != "" {
				out[v.name] = v
			}
			v = vector{}
		case "#":
		default:
			v.name = in.Text()
		}
	}
	if in.Err() != nil {
		t.Fatal(in.Err())
	}
	return out
}

func appendVectors(t *testing.T, list []vector) {
	t.Helper()
	f, err := os.OpenFile(frozenFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, v := range list {
		fmt.Fprintf(f, "%s\nbytes %x\n", v.name, v.bytes)
		for _, m := range v.means {
			fmt.Fprintf(f, "means %s\n", m)
		}
		fmt.Fprintln(f)
	}
}
