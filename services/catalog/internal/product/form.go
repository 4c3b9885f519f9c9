package product

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fault is what is wrong with a field.
type Fault struct {
	Field Field
	Reason
	// Message is for a person.
	Message string
}

// Reason is why a field is refused.
type Reason int

// The reasons.
const (
	Missing Reason = iota
	TooLong
	Malformed
)

var skuForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9._-]{0,39}$`)

// ReadSKU reads a SKU in any case: 1 to 40 letters, digits, dashes, dots and underscores, from a letter or digit on.
func ReadSKU(text string) (string, []Fault) {
	sku := strings.ToUpper(strings.TrimSpace(text))
	switch {
	case sku == "":
		return "", []Fault{{SKU, Missing, "The SKU is missing."}}
	case !skuForm.MatchString(sku):
		return "", []Fault{{
			SKU, Malformed,
			"A SKU has 1 to 40 letters, digits, dashes, dots and underscores, and starts with a letter or digit.",
		}}
	}
	return sku, nil
}

// Tidy answers the details without blanks around them, and all that is wrong with them.
func (d Details) Tidy() (Details, []Fault) {
	d = Details{
		Name: strings.TrimSpace(d.Name), Description: strings.TrimSpace(d.Description),
		Category: strings.TrimSpace(d.Category), ImageURL: strings.TrimSpace(d.ImageURL),
	}
	var faults []Fault
	check := func(wrong bool, field Field, reason Reason, message string) {
		if wrong {
			faults = append(faults, Fault{field, reason, message})
		}
	}
	check(d.Name == "", Name, Missing, "The name is missing.")
	check(utf8.RuneCountInString(d.Name) > 200, Name, TooLong, "The name must have at most 200 characters.")
	check(strings.ContainsFunc(d.Name, unicode.IsControl), Name, Malformed, "The name must be one line of plain text.")
	check(utf8.RuneCountInString(d.Description) > 5000, Description, TooLong, "The description must have at most 5,000 characters.")
	check(strings.ContainsFunc(d.Description, unprintable), Description, Malformed, "The description must be plain text.")
	check(d.Category == "", Category, Missing, "The category is missing.")
	check(utf8.RuneCountInString(d.Category) > 80, Category, TooLong, "The category must have at most 80 characters.")
	check(strings.ContainsFunc(d.Category, unicode.IsControl), Category, Malformed, "The category must be one line of plain text.")
	check(len(d.ImageURL) > 2000, ImageURL, TooLong, "The image's URL must have at most 2,000 characters.")
	check(d.ImageURL != "" && !isImageURL(d.ImageURL), ImageURL, Malformed,
		"The image must be an absolute http or https URL, or a path on this site that starts with a slash.")
	return d, faults
}

// unprintable tells control characters from those that part lines and columns.
func unprintable(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }

// isImageURL accepts nothing that a browser would take for another site's path or for a script.
func isImageURL(text string) bool {
	if strings.ContainsFunc(text, func(r rune) bool { return r == '\\' || unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return false
	}
	parsed, err := url.Parse(text)
	switch {
	case err != nil:
		return false
	case parsed.Scheme == "http" || parsed.Scheme == "https":
		return parsed.Hostname() != "" && parsed.User == nil
	default:
		return parsed.Scheme == "" && strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//")
	}
}
