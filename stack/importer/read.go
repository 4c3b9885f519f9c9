package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"quadrille.dev/platform/money"
)

// Row is a line of the file that can be traded.
type Row struct {
	// Line is the line's number in the file, the header being 1.
	Line    int
	Invoice string
	// At is when the invoice was written, to the minute.
	At       time.Time
	SKU      string
	Name     string
	Quantity int
	Price    money.Money
	// Customer is empty for guests.
	Customer string
	// Country is an ISO 3166-1 alpha-2 code.
	Country string
}

// Reason is why a row is not traded.
type Reason string

// The reasons, in the order in which a row is examined: each row has the first that applies.
const (
	Malformed        Reason = "MALFORMED"
	NotAProduct      Reason = "NOT_A_PRODUCT"
	NegativeQuantity Reason = "NEGATIVE_QUANTITY"
	OutOfRange       Reason = "QUANTITY_OUT_OF_RANGE"
	NoPrice          Reason = "NON_POSITIVE_PRICE"
	UnmappedCountry  Reason = "UNMAPPED_COUNTRY"
)

// Reject is a row that is not traded.
type Reject struct {
	Line   int
	Reason Reason
	Detail string
	Fields []string
}

// File is what was read: every row of it is in exactly one of Rows, Rejects and Returns.
type File struct {
	Rows    []Row
	Rejects []Reject
	// Returns are the rows of credit notes, whose invoice numbers start with C.
	Returns []Back
	// Folded counts the rows whose SKU was not in capitals.
	Folded int
}

// Lines is how many rows the file has.
func (f File) Lines() int { return len(f.Rows) + len(f.Rejects) + len(f.Returns) }

var header = []string{"InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"}

// Read reads the UCI "Online Retail" data set in its CSV form (doi:10.24432/C5BW33).
func Read(r io.Reader) (File, error) {
	lines := csv.NewReader(r)
	first, err := lines.Read()
	if err != nil {
		return File{}, fmt.Errorf("read header: %w", err)
	}
	if strings.Join(first, ",") != strings.Join(header, ",") {
		return File{}, fmt.Errorf("read header: got %q, want %q", first, header)
	}
	lines.FieldsPerRecord = -1
	var file File
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return file, nil
		}
		if err != nil {
			return File{}, fmt.Errorf("read rows: %w", err)
		}
		line, _ := lines.FieldPos(0)
		file.take(line, fields)
	}
}

func (f *File) take(line int, fields []string) {
	if strings.HasPrefix(fields[0], "C") {
		f.Returns = append(f.Returns, goodsBack(fields, line))
		return
	}
	row, reject := examine(fields)
	if reject != nil {
		reject.Line, reject.Fields = line, fields
		f.Rejects = append(f.Rejects, *reject)
		return
	}
	row.Line = line
	if row.SKU != strings.TrimSpace(fields[1]) {
		f.Folded++
	}
	f.Rows = append(f.Rows, row)
}

// quantityField is where a row says how many.
const quantityField = 3

func cutMinus(quantity string) (absolute string, negative bool) {
	return strings.CutPrefix(strings.TrimSpace(quantity), "-")
}

// A product's stock code is five digits and what tells its variants apart; all others are carriage, samples, charges.
var product = regexp.MustCompile(`^[0-9]{5}[A-Z]{0,3}$`)

// maxQuantity is what the API takes in one line.
const maxQuantity = 10_000

func examine(fields []string) (Row, *Reject) {
	if len(fields) != len(header) {
		return Row{}, &Reject{Reason: Malformed, Detail: fmt.Sprintf("%d fields", len(fields))}
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	row := Row{
		Invoice:  fields[0],
		SKU:      strings.ToUpper(fields[1]),
		Name:     strings.Join(strings.Fields(fields[2]), " "),
		Customer: fields[6],
	}
	quantity, err := strconv.Atoi(fields[3])
	if err != nil || row.Invoice == "" {
		return Row{}, &Reject{Reason: Malformed, Detail: fmt.Sprintf("invoice %q, quantity %q", fields[0], fields[3])}
	}
	row.Quantity = quantity
	if row.At, err = time.Parse("1/2/06 15:04", fields[4]); err != nil {
		return Row{}, &Reject{Reason: Malformed, Detail: fmt.Sprintf("date %q", fields[4])}
	}
	price, err := money.Parse(fields[5], "GBP")
	switch {
	case err != nil:
		return Row{}, &Reject{Reason: Malformed, Detail: fmt.Sprintf("price %q", fields[5])}
	case !product.MatchString(row.SKU):
		return Row{}, &Reject{Reason: NotAProduct, Detail: row.SKU}
	case quantity <= 0:
		return Row{}, &Reject{Reason: NegativeQuantity, Detail: fields[3]}
	case quantity > maxQuantity:
		return Row{}, &Reject{Reason: OutOfRange, Detail: fields[3]}
	case price.Minor <= 0:
		return Row{}, &Reject{Reason: NoPrice, Detail: fields[5]}
	}
	row.Price = price
	country, known := countries[fields[7]]
	if !known {
		return Row{}, &Reject{Reason: UnmappedCountry, Detail: fields[7]}
	}
	row.Country = country
	return row, nil
}
