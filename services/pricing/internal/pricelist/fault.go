package pricelist

// Fault is what is wrong with what somebody asked for.
type Fault struct {
	Reason
	// Message is for a person.
	Message string
	// Path leads to what is wrong by names and indices.
	Path []string
}

// Reason is why something is refused.
type Reason string

// The reasons.
const (
	Required         Reason = "REQUIRED"
	OutOfRange       Reason = "OUT_OF_RANGE"
	Malformed        Reason = "MALFORMED"
	Unpriced         Reason = "UNPRICED_PRODUCT"
	UnknownPromotion Reason = "UNKNOWN_PROMOTION"
	CodeTaken        Reason = "CODE_TAKEN"
)
