package shipment

// Describe names how the shipment stands, in the words of the table in README.
func (s Shipment) Describe() string {
	name := string(s.Status)
	add := func(holds bool, what string) {
		if holds {
			name += ", " + what
		}
	}
	if s.Status == Failed {
		add(s.Stated, "stated")
		add(s.Call.Operation == Cancel && s.Call.Attempts == 0, "booked in vain")
		add(s.Call.Operation == Cancel && s.Call.Attempts > 0, "being cancelled")
		add(s.Call.Operation == NoOperation && s.TrackingNumber != "", "cancelled")
	}
	add(s.Call.Operation == Cancel && s.Call.Attempts == 0 && s.Status == Cancelling, "to cancel")
	add(s.Call.Stalled, "stalled")
	untaken := s.Call.Operation != NoOperation && s.Call.Attempts == 0 && s.Call.Operation != Track
	add(untaken && s.Call.Operation != Cancel, "to "+string(s.Call.Operation))
	add(s.Status == Pending && !untaken && s.Opened, "placed")
	add(s.Status == Pending && !untaken && s.Paid, "paid")
	add((s.Status == Booking || s.Status == Failed) && s.CalledOff, "called off")
	add(s.Status == Cancelled && s.TrackingNumber != "", "once booked")
	early := s.Status == Pending || s.Status == Booking || s.Status == Failed
	add((early || s.Status == Arranged && !untaken) && s.Fulfilled, "fulfilled")
	return name
}
