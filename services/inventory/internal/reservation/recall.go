package reservation

// Recall brings the reservation to where inventory said that it is, before it forgot, and answers what has to follow; nothing where it
// is so already. Goods that it said are held were available then.
func (r *Reservation) Recall(told Event) []Event {
	switch e := told.(type) {
	case StockReserved, StockRejected:
		if r.Status == Pending {
			return r.record(e)
		}
	case StockDeducted:
		if r.Status == Reserved {
			return r.Deduct()
		}
	case StockReleased:
		if r.Status == Pending || r.Status == Reserved {
			return r.Release()
		}
	case StockReinstated:
		if r.Status == Deducted {
			return r.record(e)
		}
	}
	return nil
}
