package programme

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// table says what a CSV document looks like: its columns and limits.
type table struct {
	columns  []string
	bytesMax int
	rowsMax  int
}

// row is one line of a table that is being read.
type row struct {
	faults *Faults
	csv    *csv.Reader
	table  *table
	cells  []string
}

// read hands each row to the function, and reports what is not a row.
func (t *table) read(text []byte, faults *Faults, each func(row)) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // spreadsheets write it
	if len(text) > t.bytesMax || !utf8.Valid(text) {
		faults.add(0, 0, "the list must be UTF-8 text of at most %d bytes", t.bytesMax)
		return
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.ReuseRecord = true
	for n := 0; ; n++ {
		cells, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF) && n > 0:
			return
		case n == 0:
			if strings.Join(cells, ",") != strings.Join(t.columns, ",") {
				faults.add(1, 0, "the first line must be %s", strings.Join(t.columns, ","))
				return
			}
		case n > t.rowsMax:
			faults.add(0, 0, "the list has more than %d rows", t.rowsMax)
			return
		case err != nil:
			addRowFault(faults, err)
		default:
			each(row{faults, reader, t, cells})
		}
	}
}

func addRowFault(faults *Faults, err error) {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		faults.add(0, 0, "%s", err)
		return
	}
	faults.add(parse.StartLine, parse.Column, "%s", parse.Err)
}

func (r row) cell(column string) string { return r.cells[r.index(column)] }

func (r row) index(column string) int {
	for i, name := range r.table.columns {
		if name == column {
			return i
		}
	}
	return -1 // the columns are constants: a test would see the panic
}

func (r row) fault(column, format string, args ...any) {
	line, at := r.csv.FieldPos(r.index(column))
	r.faults.add(line, at, format, args...)
}

// word takes a text of at most limit bytes without control characters.
func (r row) word(column string, limit int) string {
	text := r.cell(column)
	if why := fit(text, limit); why != "" {
		r.fault(column, "%s %s", column, why)
	}
	return strings.Clone(text)
}

// optional is word for a cell that may be empty.
func (r row) optional(column string, limit int) string {
	if r.cell(column) == "" {
		return ""
	}
	return r.word(column, limit)
}

// integer takes a whole number between two bounds, written in plain digits.
func (r row) integer(column string, low, high int64) int64 {
	n, err := strconv.ParseInt(r.cell(column), 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != r.cell(column) || n < low || n > high {
		r.fault(column, "%s must be a whole number from %d to %d", column, low, high)
		return 0
	}
	return n
}

func (r row) flag(column string) bool {
	if v := r.cell(column); v != "true" && v != "false" {
		r.fault(column, "%s must be true or false", column)
	}
	return r.cell(column) == "true"
}

// enter notes a value that may stand in the table once.
func (r row) enter(column, value string, index int, taken map[string]int) {
	if value == "" {
		return
	}
	if _, double := taken[value]; double {
		r.fault(column, "%s stands in an earlier row too", column)
		return
	}
	taken[value] = index
}
