package account

// Describe names how the account stands, in the words of the table in README.
func (a Account) Describe() string {
	name := string(a.Payment.Status)
	if a.Payment.Status == Declined && a.Payment.Stated {
		name += ", stated"
		switch {
		case a.Call.Operation == Refund && a.Call.Attempts == 0:
			name += ", charged in vain"
		case a.Call.Operation == Refund:
			name += ", being refunded"
		case a.Payment.RefundID != "":
			name += ", refunded"
		}
	}
	if a.Call.Operation == Refund && a.Call.Attempts == 0 && a.Payment.Status == Refunding {
		name += ", to refund"
	}
	if a.Call.Stalled {
		name += ", stalled"
	}
	switch {
	case a.Call.Operation == Charge && a.Call.Attempts == 0:
		return name + ", to charge"
	case a.Payment.Status == Pending && a.Opened:
		return name + ", placed"
	case a.Payment.Status == Pending && a.Reserved:
		return name + ", reserved"
	case (a.Payment.Status == Charging || a.Payment.Status == Declined) && a.GivenUp:
		return name + ", given up"
	}
	return name
}
