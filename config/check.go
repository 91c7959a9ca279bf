package config

import (
	"encoding/base64"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits and forms that several settings share.
const (
	NameRunesMax  = 64 // characters of a name
	CodeRunesMin  = 16 // characters of an enrolment code, hyphens not counted
	CodeRunesMax  = 64
	baudUsual     = 9600
	pinMemoryMin  = 19 * 1024  // KiB that hashing a PIN takes, at least (sec U1)
	pinMemoryMax  = 256 * 1024 // and at most: a small board has no more to spare
	pinSaltMin    = 8          // bytes
	pinHashMin    = 16         // bytes
	pinTimeMin    = 2
	pinTimeMax    = 20
	pinThreadsMax = 8
)

var (
	bauds   = []int{1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200}
	idForm  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$`)
	pinForm = regexp.MustCompile(`^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$`)
	// codeForm is base32 as Crockford wrote it: no I, L, O or U.
	codeForm = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]*$`)
)

// unique notes a value that an earlier key of the same list has.
type unique struct {
	log    *findings
	what   string
	secret bool
	seen   map[string]string // value to the first key that has it
}

func (u *unique) add(key, value string) {
	if value == "" {
		return
	}
	first, known := u.seen[value]
	switch {
	case known && u.secret:
		u.log.add(key, "must be another %s than %s", u.what, first)
	case known:
		u.log.add(key, "must be another %s than %s: %q is taken", u.what, first, value)
	case u.seen == nil:
		u.seen = map[string]string{value: key}
	default:
		u.seen[value] = key
	}
}

func checkFolder(log *findings, key, path string) {
	if path == "" {
		log.add(key, "must be the folder where the daemon keeps its data")
	}
}

func checkDevice(log *findings, key, path string) {
	if !strings.HasPrefix(path, "/") {
		log.add(key, "must be the full path of the device, for example /dev/serial/by-id/…")
	}
}

func checkID(log *findings, key, id string) {
	if !idForm.MatchString(id) {
		log.add(key, "must be 1 to 32 letters, digits, dots, hyphens or underscores of ASCII, a letter or digit first")
	}
}

func checkName(log *findings, key, name, what string) {
	switch {
	case strings.TrimSpace(name) == "":
		log.add(key, "must name %s", what)
	case utf8.RuneCountInString(name) > NameRunesMax:
		log.add(key, "must be at most %d characters", NameRunesMax)
	case strings.ContainsFunc(name, unicode.IsControl):
		log.add(key, "must be one line without control characters")
	}
}

func checkOneOf(log *findings, key, value string, known ...string) {
	if !slices.Contains(known, value) {
		log.add(key, "must be %s", quoteList(known))
	}
}

func checkBaud(log *findings, key string, baud int) {
	if !slices.Contains(bauds, baud) {
		log.add(key, "must be a speed that scanners and printers have: %s", numbers(bauds))
	}
}

func checkLogin(log *findings, table, username string, password Secret) {
	if username == "" && password != "" {
		log.add(table+".username", "must be given together with the password, or neither")
	}
}

// Lowest ports that an address may have.
const (
	portAny   = 0 // to listen on: 0 takes any free one
	portNamed = 1 // to connect to
)

// checkAddress wants host:port with a port from lowest to 65535, and gives the
// host.
func checkAddress(log *findings, key, address string, lowest int) (host string, ok bool) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		log.add(key, "must be host:port, for example 127.0.0.1:8480")
		return "", false
	}
	if !portIn(port, lowest) {
		log.add(key, "must end with a port from %d to 65535", lowest)
		return "", false
	}
	if lowest == portNamed && host == "" {
		log.add(key, "must name a host before the port")
		return "", false
	}
	return host, true
}

func portIn(port string, lowest int) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && int(n) >= lowest
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// checkBrokerURL wants a scheme, a host and a port, and nothing more: a
// password in an address ends up in logs.
func checkBrokerURL(log *findings, key, text string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "tcp" && u.Scheme != "ssl" || u.Hostname() == "":
		log.add(key, "must be tcp://host:port or ssl://host:port")
	case !portIn(u.Port(), portNamed):
		log.add(key, "must end with a port from 1 to 65535")
	case u.User != nil:
		log.add(key, "must not hold a password; username and password are settings of their own")
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "":
		log.add(key, "must end with the port")
	}
}

// checkDatabaseURL looks at a URL that may name several hosts with their ports, which
// is more than a URL's own rules allow.
func checkDatabaseURL(log *findings, key, text string) {
	rest, ok := strings.CutPrefix(text, "postgres://")
	if !ok {
		rest, ok = strings.CutPrefix(text, "postgresql://")
	}
	authority, database, slash := strings.Cut(rest, "/")
	user, _, at := strings.Cut(authority, "@")
	database, query, _ := strings.Cut(database, "?")
	switch {
	case !ok || !slash || database == "":
		log.add(key, "must be postgres://user@host/database")
	case at && strings.Contains(user, ":") || strings.Contains(query, "password="):
		log.add(key, "must not hold a password; that is a setting of its own")
	}
}

// plainCode gives an enrolment code as it is compared: capitals, without the
// hyphens and blanks that make it easy to read, and the letters that Crockford
// reads as digits as those digits.
func plainCode(code Secret) Secret {
	return Secret(strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").
		Replace(strings.ToUpper(code.Reveal())))
}

// checkCode wants an enrolment code that nobody guesses, or none.
func checkCode(log *findings, key string, code Secret) {
	if code == "" {
		return
	}
	plain := plainCode(code).Reveal()
	switch {
	case !codeForm.MatchString(plain):
		log.add(key, "must be Crockford base32: the digits and the letters without I, L, O and U, with hyphens as you like")
	case len(plain) < CodeRunesMin || len(plain) > CodeRunesMax:
		log.add(key, "must be %d to %d characters, hyphens not counted", CodeRunesMin, CodeRunesMax)
	}
}

// checkPIN wants an argon2id hash in its encoded form, not weaker than the
// floor and not too heavy for a board (sec U1).
func checkPIN(log *findings, key string, pin Secret) {
	m := pinForm.FindStringSubmatch(pin.Reveal())
	if m == nil {
		log.add(key, "must be the argon2id hash of a PIN: $argon2id$v=19$m=19456,t=2,p=1$salt$hash")
		return
	}
	memory, rounds, threads := number(m[1]), number(m[2]), number(m[3])
	if memory < pinMemoryMin || memory > pinMemoryMax || rounds < pinTimeMin || rounds > pinTimeMax ||
		threads < 1 || threads > pinThreadsMax {
		log.add(key, "must be hashed with m from %d to %d, t from %d to %d and p from 1 to %d",
			pinMemoryMin, pinMemoryMax, pinTimeMin, pinTimeMax, pinThreadsMax)
		return
	}
	if base64Len(m[4]) < pinSaltMin || base64Len(m[5]) < pinHashMin {
		log.add(key, "must have a salt of %d bytes and a hash of %d bytes at least, in base64 without padding",
			pinSaltMin, pinHashMin)
	}
}

// number reads digits that a pattern has already counted.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// base64Len gives how many bytes the text stands for, 0 if it isn't base64.
func base64Len(text string) int {
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return 0
	}
	return len(b)
}

func quoteList(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(w)
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}

func numbers(list []int) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ", ")
}
