package prune

import (
	"fmt"
	"strings"
)

// Dependent is a table whose rows belong to the rows of another.
type Dependent struct {
	Name string
	// Column holds the key of the row that it belongs to, and leads an index.
	Column string
	// Condition is what else must be true of a row to go with it, in SQL; every row goes if it is empty.
	Condition string
}

// statement removes some of the oldest rows with their dependents, and answers how many of each there were. Rows are found by their
// age's index, and removed by where they lie.
func (t Table) statement() string {
	sql := &strings.Builder{}
	key := t.Key
	if key == "" {
		key = "NULL"
	}
	fmt.Fprintf(sql, `
		WITH old AS (
			SELECT ctid AS place, %s AS key FROM %s WHERE %s < now() - $1::interval AND %s
			ORDER BY %[3]s LIMIT $2 FOR UPDATE SKIP LOCKED),
		gone0 AS (DELETE FROM %[2]s WHERE ctid = ANY (ARRAY(SELECT place FROM old)) RETURNING 1)`,
		key, t.Name, t.Age, orTrue(t.Condition))
	counts := []string{`(SELECT count(*) FROM gone0)`}
	for i, d := range t.Dependents {
		fmt.Fprintf(sql, `,
		gone%d AS (DELETE FROM %s WHERE %s = ANY (ARRAY(SELECT key FROM old)) AND %s RETURNING 1)`,
			i+1, d.Name, d.Column, orTrue(d.Condition))
		counts = append(counts, fmt.Sprintf(`(SELECT count(*) FROM gone%d)`, i+1))
	}
	fmt.Fprintf(sql, `
		SELECT ARRAY[%s]`, strings.Join(counts, ", "))
	return sql.String()
}

func orTrue(condition string) string {
	if condition == "" {
		return "true"
	}
	return "(" + condition + ")"
}

func (t Table) dependents() []string {
	names := make([]string, len(t.Dependents))
	for i, d := range t.Dependents {
		names[i] = d.Name
	}
	return names
}
