package model

// Owned is an object that belongs to a customer.
type Owned interface {
	// Owner is the customer's id, as the contexts know it; empty while the object is nobody's.
	Owner() string
	// IsNothing tells that there is no object, but a nil pointer to one.
	IsNothing() bool
}

// Owner is who ordered.
func (o *Order) Owner() string { return o.CustomerKey }

// Owner is who ordered what comes back.
func (r *Return) Owner() string { return r.CustomerKey }

// Owner is who ordered what the saga is about.
func (s *Saga) Owner() string { return s.CustomerKey }

// Owner is whose order the fact is about, if it was asked for by its id.
func (f *Fact) Owner() string { return f.CustomerKey }

// Owner is nobody: the audit log is for operators.
func (*AuditEntry) Owner() string { return "" }

// Owner is nobody: parked messages are for operators.
func (*ParkedMessage) Owner() string { return "" }

// Owner is the customer, who belongs to nobody else.
func (c *Customer) Owner() string { return c.Key }

// IsNothing is for a pointer.
func (o *Order) IsNothing() bool { return o == nil }

// IsNothing is for a pointer.
func (r *Return) IsNothing() bool { return r == nil }

// IsNothing is for a pointer.
func (s *Saga) IsNothing() bool { return s == nil }

// IsNothing is for a pointer.
func (f *Fact) IsNothing() bool { return f == nil }

// IsNothing is for a pointer.
func (a *AuditEntry) IsNothing() bool { return a == nil }

// IsNothing is for a pointer.
func (p *ParkedMessage) IsNothing() bool { return p == nil }

// IsNothing is for a pointer.
func (c *Customer) IsNothing() bool { return c == nil }
