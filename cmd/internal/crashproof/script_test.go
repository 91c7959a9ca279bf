package crashproof_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/crashproof"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// bodies has a body of every kind that nothing is said to write.
var bodies = map[ledger.Kind]ledger.Body{ledger.KindPlay: &ledger.Play{}}

// TestWhatIsSaidToBeUnwrittenIsMadeNowhere: once a program makes such an entry,
// the script must play it.
func TestWhatIsSaidToBeUnwrittenIsMadeNowhere(t *testing.T) {
	for kind := range crashproof.Unwritten {
		body, ok := bodies[kind]
		if !ok {
			t.Errorf("%s has no body here", kind.Word())
			continue
		}
		made := fmt.Sprintf("ledger.%s{", reflect.TypeOf(body).Elem().Name())
		err := filepath.WalkDir("../../..", func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if err == nil && strings.Contains(string(text), made) {
				t.Errorf("%s makes %s; the script plays none", path, kind.Word())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
