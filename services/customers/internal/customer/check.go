package customer

import (
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Code is why an input is refused, as the client's API spells it.
type Code string

// The reasons.
const (
	Required           Code = "REQUIRED"
	OutOfRange         Code = "OUT_OF_RANGE"
	Malformed          Code = "MALFORMED"
	NotFound           Code = "NOT_FOUND"
	EmailTaken         Code = "EMAIL_TAKEN"
	InvalidCredentials Code = "INVALID_CREDENTIALS" //nolint:gosec // G101: a code, and no credential
	KeyConflict        Code = "IDEMPOTENCY_CONFLICT"
	Forbidden          Code = "FORBIDDEN"
)

// Problem is one thing that is wrong with an input.
type Problem struct {
	Code    Code
	Message string
	// Path is names and indices into the input.
	Path []string
}

// Check lists what is wrong with a profile.
func (p Profile) Check() []Problem {
	var check checks
	check.email(p.Email)
	check.text([]string{"name"}, p.Name, 200)
	check.phone(p.Phone)
	return check
}

// CheckName lists what is wrong with a name.
func CheckName(name string) []Problem {
	var check checks
	check.text([]string{"name"}, name, 200)
	return check
}

// CheckPhone lists what is wrong with a telephone number; an empty one is none.
func CheckPhone(phone string) []Problem {
	var check checks
	check.phone(phone)
	return check
}

// CheckReason lists what is wrong with the reason of an erasure.
func CheckReason(reason string) []Problem {
	var check checks
	check.text([]string{"reason"}, reason, 200)
	return check
}

// CheckPassword lists what is wrong with a new password.
func CheckPassword(password string) []Problem {
	var check checks
	switch length := utf8.RuneCountInString(password); {
	case password == "":
		check.add(Required, "A password is required.", "password")
	case length < 8 || length > 200:
		check.add(OutOfRange, "A password has 8 to 200 characters.", "password")
	}
	return check
}

// checks collects problems.
type checks []Problem

func (c *checks) add(code Code, message string, path ...string) {
	*c = append(*c, Problem{Code: code, Message: message, Path: path})
}

// text is a line of 1 to most characters, not all of them blank.
func (c *checks) text(path []string, value string, most int) {
	field := path[len(path)-1]
	switch {
	case strings.TrimSpace(value) == "":
		c.add(Required, fmt.Sprintf("The field %s is required.", field), path...)
	case utf8.RuneCountInString(value) > most:
		c.add(OutOfRange, fmt.Sprintf("The field %s has at most %d characters.", field, most), path...)
	case !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl):
		c.add(Malformed, fmt.Sprintf("The field %s contains characters that cannot be printed.", field), path...)
	}
}

// email is the address alone, without the name of whose it is.
func (c *checks) email(email string) {
	parsed, err := mail.ParseAddress(email)
	switch {
	case email == "":
		c.add(Required, "An e-mail address is required.", "email")
	case len(email) > 254:
		c.add(OutOfRange, "An e-mail address has at most 254 characters.", "email")
	case err != nil || parsed.Address != email || !utf8.ValidString(email):
		c.add(Malformed, "This is not an e-mail address.", "email")
	}
}

var phoneNumber = regexp.MustCompile(`^\+?[0-9 ()./-]*[0-9][0-9 ()./-]*$`)

func (c *checks) phone(phone string) {
	switch {
	case phone == "":
	case len(phone) > 40:
		c.add(OutOfRange, "A telephone number has at most 40 characters.", "phone")
	case !phoneNumber.MatchString(phone):
		c.add(Malformed, "This is not a telephone number.", "phone")
	}
}

// EmailKey is equal for two spellings of one e-mail address.
func EmailKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
