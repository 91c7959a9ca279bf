package document

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What can be wrong with a table.
var (
	tableTooLong = Text{"列表必须是不超过 %d 字节的 UTF-8 文本", "the list must be UTF-8 text of at most %d bytes"}
	otherHeader  = Text{"第一行必须是 %s", "the first line must be %s"}
	tooManyRows  = Text{"列表超过 %d 行", "the list has more than %d rows"}
	rowInteger   = Text{"%s 必须是 %d 到 %d 之间的整数", "%s must be a whole number from %d to %d"}
	rowFlag      = Text{"%s 必须是 true 或 false", "%s must be true or false"}
	rowTwice     = Text{"%s 在前面的行里已经有了", "%s stands in an earlier row too"}
)

// Table says what a CSV document looks like: its columns and limits.
type Table struct {
	Columns  []string
	More     []string // columns that may follow, all or none
	BytesMax int
	RowsMax  int
}

// Row is one line of a table that is being read.
type Row struct {
	faults *Faults
	csv    *csv.Reader
	table  *Table
	cells  []string
}

// Read hands each row to the function, and reports what is not a row.
func (t *Table) Read(text []byte, faults *Faults, each func(Row)) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // spreadsheets write it
	if len(text) > t.BytesMax || !utf8.Valid(text) {
		faults.Add(Position{}, tableTooLong, t.BytesMax)
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
			if !slices.Equal(cells, t.Columns) && !slices.Equal(cells, slices.Concat(t.Columns, t.More)) {
				faults.Add(Position{Line: 1}, otherHeader, strings.Join(t.Columns, ","))
				return
			}
		case n > t.RowsMax:
			faults.Add(Position{}, tooManyRows, t.RowsMax)
			return
		case err != nil:
			addRowFault(faults, err)
		default:
			each(Row{faults, reader, t, cells})
		}
	}
}

func addRowFault(faults *Faults, err error) {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		faults.Add(Position{}, syntaxText, err.Error())
		return
	}
	faults.Add(Position{parse.StartLine, parse.Column}, Text{"CSV 语法错误：%s", "%s"}, parse.Err.Error())
}

// Cell is what stands in a column; "" where the table ends before it.
func (r Row) Cell(column string) string {
	if i := r.index(column); i < len(r.cells) {
		return r.cells[i]
	}
	return ""
}

func (r Row) index(column string) int {
	if i := slices.Index(r.table.Columns, column); i >= 0 {
		return i
	}
	return len(r.table.Columns) + slices.Index(r.table.More, column)
}

// Fault notes what is wrong in a column.
func (r Row) Fault(column string, what Text, args ...any) {
	line, at := r.csv.FieldPos(r.index(column))
	r.faults.Add(Position{line, at}, what, args...)
}

// Word takes a text of at most limit bytes without control characters.
func (r Row) Word(column string, limit int) string {
	text := r.Cell(column)
	if why := fit(text, limit); why != (Text{}) {
		r.Fault(column, Text{"%s " + why.ZH, "%s " + why.EN}, column)
	}
	return strings.Clone(text)
}

// Optional is Word for a cell that may be empty.
func (r Row) Optional(column string, limit int) string {
	if r.Cell(column) == "" {
		return ""
	}
	return r.Word(column, limit)
}

// Integer takes a whole number between two bounds, written in plain digits.
func (r Row) Integer(column string, low, high int64) int64 {
	n, err := strconv.ParseInt(r.Cell(column), 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != r.Cell(column) || n < low || n > high {
		r.Fault(column, rowInteger, column, low, high)
		return 0
	}
	return n
}

// Flag takes a truth value.
func (r Row) Flag(column string) bool {
	if v := r.Cell(column); v != "true" && v != "false" {
		r.Fault(column, rowFlag, column)
	}
	return r.Cell(column) == "true"
}

// Enter notes a value that may stand in the table once.
func (r Row) Enter(column, value string, index int, taken map[string]int) {
	if value == "" {
		return
	}
	if _, double := taken[value]; double {
		r.Fault(column, rowTwice, column)
		return
	}
	taken[value] = index
}
