package postgres

// Waiting is how many wait for the transaction that runs.
func (g *Group) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waits)
}
