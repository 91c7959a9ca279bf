package webui

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
)

// Costs of one PIN hash (sec U1), and what a stored one may ask for.
const (
	pinMemory  = 19 << 10 // KiB
	pinTime    = 2
	pinThreads = 1
	pinKey     = 32
	pinSaltMin = 8

	pinMemoryMax = 256 << 10
	pinTimeMax   = 16
	pinBytesMax  = 64
)

// ErrPIN says that an encoded PIN cannot be read.
var ErrPIN = errors.New("not an argon2id PIN")

// HashPIN makes the encoded form of a PIN that settings hold, from a salt of
// at least 8 random bytes.
func HashPIN(pin string, salt []byte) string {
	key := argon2.IDKey([]byte(pin), salt, pinTime, pinMemory, pinThreads, pinKey)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, pinMemory, pinTime, pinThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// hashed is a PIN hash taken apart.
type hashed struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
}

func readPIN(encoded string) (hashed, error) {
	var h hashed
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return h, ErrPIN
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); err != nil {
		return h, ErrPIN
	}
	var errSalt, errKey error
	h.salt, errSalt = base64.RawStdEncoding.DecodeString(parts[4])
	h.key, errKey = base64.RawStdEncoding.DecodeString(parts[5])
	switch {
	case errSalt != nil, errKey != nil, len(h.salt) < pinSaltMin, len(h.key) < 16, len(h.key) > 64,
		h.memory < 8, h.memory > pinMemoryMax, h.time < 1, h.time > pinTimeMax, h.threads < 1:
		return h, ErrPIN
	}
	return h, nil
}

func (h hashed) opens(pin string) bool {
	key := argon2.IDKey([]byte(pin), h.salt, h.time, h.memory, h.threads, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(key, h.key) == 1
}

// pins checks who people are, one at a time: a check takes 19 MiB.
type pins struct {
	people  map[string]Person
	hashes  map[string]hashed
	nobody  hashed // what the PIN of an unknown person is checked against
	turn    chan struct{}
	brake   *brake
	ordered []Person
	log     *slog.Logger
}

func newPINs(o Options) (*pins, error) {
	brake, err := newBrake(o.Now, o.Tries, o.LockAfter)
	if err != nil {
		return nil, err
	}
	p := &pins{
		people: map[string]Person{}, hashes: map[string]hashed{}, turn: make(chan struct{}, 1), brake: brake, ordered: o.People, log: o.Log,
		nobody: hashed{memory: pinMemory, time: pinTime, threads: pinThreads, salt: make([]byte, 16), key: make([]byte, pinKey)},
	}
	for _, person := range o.People {
		h, err := readPIN(person.PIN)
		if err != nil {
			return nil, fmt.Errorf("PIN of %s: %w", person.ID, err)
		}
		p.people[person.ID], p.hashes[person.ID] = person, h
	}
	return p, nil
}

// check returns the person whose PIN it is. Whether the person or the PIN is
// wrong cannot be told from the answer.
func (p *pins) check(ctx context.Context, id, pin string) (Person, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return Person{}, ctx.Err()
	}
	person, known := p.people[id]
	switch locked, err := p.brake.locked(person.ID); {
	case err != nil:
		return person, err
	case locked:
		return person, pinLocked
	}
	if wait := p.brake.wait(person.ID); wait > 0 {
		seconds := int((wait + time.Second - 1) / time.Second)
		return person, &Fault{Status: http.StatusTooManyRequests, Code: "pin-wait", Args: []string{strconv.Itoa(seconds)}}
	}
	h := p.nobody
	if known {
		h = p.hashes[id]
	}
	if len(pin) > pinBytesMax || !h.opens(pin) || !known {
		locked, err := p.brake.failed(person.ID)
		p.kept(err)
		if locked {
			return person, pinLocked
		}
		return person, &Fault{Status: http.StatusForbidden, Code: "wrong-pin"}
	}
	p.kept(p.brake.succeeded(person.ID)) // a full disk keeps nobody out
	return person, nil
}

var pinLocked = &Fault{Status: http.StatusLocked, Code: "pin-locked"}

func (p *pins) kept(err error) {
	if err != nil {
		p.log.Error("wrong PINs are not kept: after a restart they are not known", "error", err)
	}
}

// lockedOut lists who is locked.
func (p *pins) lockedOut() (list []Person) {
	for _, person := range p.ordered {
		if locked, err := p.brake.locked(person.ID); locked || err != nil {
			list = append(list, person)
		}
	}
	return list
}
