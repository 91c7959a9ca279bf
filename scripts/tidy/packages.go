package tidy

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// standardNames are the names of the standard library's packages. Those that
// read Go's own source (go/...) are left out: no product code imports them, so
// token may be a word of ours.
var standardNames = strings.Fields(`
	adler32 aes ascii85 asn1 atomic base32 base64 big binary bits bufio buildinfo bytes bzip2 cgi
	cgo cipher cmp cmplx color context cookiejar coverage crc32 crc64 crypto cryptotest csv debug
	des draw driver dsa dwarf ecdh ecdsa ed25519 elf elliptic embed encoding errors exec expvar
	fcgi filepath fips140 flag flate fmt fnv fs fstest gif gob gosym gzip hash heap hex hkdf hmac
	hpke html http httptest httptrace httputil image io iotest ioutil iter jpeg json jsonrpc list
	log lzw macho mail maphash maps math md5 metrics mime mlkem mlkemtest multipart net netip os
	palette parse path pbkdf2 pe pem pkix plan9obj plugin png pprof quick quotedprintable race rand
	rc4 reflect regexp ring rpc rsa runtime scanner sha1 sha256 sha3 sha512 signal slices slog
	slogtest smtp sort sql strconv strings structs subtle suffixarray sync synctest syntax syscall
	syslog tabwriter tar template testing textproto time tls trace tzdata unicode unique unsafe url
	user utf16 utf8 weak x509 xml zip zlib
`)

// emptyNames say nothing about what a package holds.
var emptyNames = []string{"util", "utils", "common", "helper", "helpers", "types", "misc", "base"}

// checkPackageNames wants names that mean one thing: not a standard package's,
// and none that says nothing.
func checkPackageNames(t *Tree, _ Layers) []Finding {
	var found []Finding
	for folder, files := range t.packages() {
		if len(files) == 0 {
			continue
		}
		name := files[0].AST.Name.Name
		for _, n := range []string{path.Base(folder), name} {
			if n != "main" && (slices.Contains(standardNames, n) || slices.Contains(emptyNames, n)) {
				found = append(found, Finding{Path: folder, Message: fmt.Sprintf("is named %s, which is a standard package or says nothing", n)})
				break
			}
		}
		if name != "main" && name != path.Base(folder) {
			found = append(found, Finding{Path: folder, Message: fmt.Sprintf("holds package %s, which is not the folder's name", name)})
		}
	}
	return found
}

// checkPackageComments wants one comment a package, in the file that has its
// name, beginning as Go's tools expect.
func checkPackageComments(t *Tree, _ Layers) []Finding {
	var found []Finding
	for folder, files := range t.packages() {
		if len(files) == 0 {
			continue
		}
		name := files[0].AST.Name.Name
		home := path.Join(folder, name+".go")
		commented := 0
		for _, f := range files {
			if f.AST.Doc == nil {
				continue
			}
			commented++
			if f.Path != home {
				found = append(found, Finding{f.Path, f.Line(f.AST.Doc.Pos()), "holds a package comment, which belongs in " + home})
			}
			if name != "main" && !strings.HasPrefix(f.AST.Doc.Text(), "Package "+name+" ") {
				found = append(found, Finding{f.Path, f.Line(f.AST.Doc.Pos()), "has a package comment that does not begin with Package " + name})
			}
		}
		if commented != 1 {
			found = append(found, Finding{Path: folder, Message: fmt.Sprintf("has %d package comments, want one", commented)})
		}
	}
	return found
}
