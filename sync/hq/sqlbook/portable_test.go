package sqlbook_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// foreign is what one of the engines lacks or does otherwise (DESIGN.md).
var foreign = regexp.MustCompile(`(?i)\b(AUTOINCREMENT|SERIAL|IDENTITY|SEQUENCE|TRIGGER|BLOB|BYTEA|REAL|FLOAT|INTEGER|BOOLEAN|TIMESTAMP|` +
	`DATETIME|JSONB?|WITHOUT ROWID|STRICT|INSERT OR|REPLACE INTO|FOR UPDATE|SKIP LOCKED|LOCK TABLE|DEFERRABLE|TEMP|` +
	`ROWID|NOW\(\)|CURRENT_TIMESTAMP|ON CONFLICT DO|ON CONFLICT ON)\b`)

// planned is a limit that SQLite plans a query by: it prepares the statement anew for
// each value of it.
var planned = regexp.MustCompile(`LIMIT \$`)

// statementText finds the texts that are given to an engine.
var statementText = regexp.MustCompile("(?s)`[^`]*`")

// engineFiles hold the SQL of one engine.
var engineFiles = map[string]bool{"sqlite.go": true, "postgres.go": true}

func TestSQLIsPortable(t *testing.T) {
	checked := 0
	for _, pattern := range []string{"*.go", "migrations/*.sql"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("Glob(%s) = %v, %v, want files", pattern, files, err)
		}
		for _, file := range files {
			if engineFiles[file] || strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, text := range sqlIn(t, file) {
				checked++
				if word := foreign.FindString(text); word != "" {
					t.Errorf("%s uses %q, want what SQLite and PostgreSQL share: %s", file, word, text)
				}
				if planned.MatchString(text) {
					t.Errorf("%s uses LIMIT $n, want LIMIT CAST($n AS BIGINT): %s", file, text)
				}
				if strings.Contains(text, "?") {
					t.Errorf("%s uses ?, want $1: %s", file, text)
				}
			}
		}
	}
	if checked < 40 {
		t.Errorf("checked %d texts, want all", checked)
	}
}

func sqlIn(t *testing.T, file string) []string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(file) == ".sql" {
		return []string{string(b)}
	}
	return statementText.FindAllString(string(b), -1)
}

func TestEveryTableHasAKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hq.db")
	closeBook(t, openBook(t, path))
	db := rawFile(t, path)
	if got := number(t, db, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`); got != 14 {
		t.Errorf("tables = %d, want 14", got)
	}
	if got := number(t, db, `SELECT COUNT(*) FROM sqlite_master m WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
		AND NOT EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.pk > 0)`); got != 0 {
		t.Errorf("tables without a primary key = %d, want none", got)
	}
}
