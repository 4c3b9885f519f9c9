package pricelist

import (
	"regexp"
	"strings"
	"time"
)

// whole is all of an amount in basis points, which are hundredths of a per cent.
const whole = 10_000

// TierDiscounts is what customers of each tier get off list prices, in basis points.
type TierDiscounts map[string]int64

// Promotion takes a share off an order that names its code.
type Promotion struct {
	Code        string
	BasisPoints int64
	StartsAt    time.Time
	// EndsAt is nil for ever.
	EndsAt *time.Time
}

// Running tells whether the promotion has begun and not yet ended.
func (p Promotion) Running(at time.Time) bool {
	return !at.Before(p.StartsAt) && (p.EndsAt == nil || at.Before(*p.EndsAt))
}

var codeForm = regexp.MustCompile(`^[A-Z0-9-]{3,32}$`)

// ReadCode is a promotion's code as it is kept.
func ReadCode(text string) string { return strings.ToUpper(strings.TrimSpace(text)) }

// Check answers all that is wrong with a new promotion.
func (p Promotion) Check() []Fault {
	var faults []Fault
	switch {
	case p.Code == "":
		faults = append(faults, Fault{Required, "The code is missing.", []string{"code"}})
	case !codeForm.MatchString(p.Code):
		faults = append(faults, Fault{Malformed, "A code has 3 to 32 letters, digits and dashes.", []string{"code"}})
	}
	if p.BasisPoints < 1 || p.BasisPoints > whole {
		faults = append(faults, Fault{OutOfRange, "The share must be above 0 and at most 100 per cent.", []string{"percentOff"}})
	}
	if p.EndsAt != nil && !p.EndsAt.After(p.StartsAt) {
		faults = append(faults, Fault{OutOfRange, "The promotion must end after it starts.", []string{"endsAt"}})
	}
	return faults
}
