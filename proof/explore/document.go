package explore

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Documents are the READMEs below the root of a clone, with what was seen of orders and of returns between their marks.
func Documents(root string, seen, returns *Seen) (map[string]string, error) {
	written := map[string]map[string]string{
		filepath.Join("proof", "explore", "README.md"): {
			"choreography": seen.choreography(), "facts": seen.facts(), "returns": returns.choreography(), "commands": returns.facts(),
		},
	}
	for _, context := range seen.Contexts {
		written[filepath.Join("services", context, "README.md")] = map[string]string{"states": seen.states(context)}
	}
	documents := map[string]string{}
	for name, parts := range written {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, fmt.Errorf("read what to document in: %w", err)
		}
		documents[name] = string(text)
		for mark, part := range parts {
			if documents[name], err = between(documents[name], mark, part); err != nil {
				return nil, fmt.Errorf("document in %s: %w", name, err)
			}
		}
	}
	return documents, nil
}

// between puts a part of a document in the place that is marked for it.
func between(document, mark, part string) (string, error) {
	begin, end := "<!-- explored: "+mark+", written by make generate -->\n", "<!-- end of "+mark+" -->\n"
	before, rest, begins := strings.Cut(document, begin)
	_, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		return "", fmt.Errorf("no lines %q and %q", strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return before + begin + "\n" + part + "\n" + end + after, nil
}

// states is the table of how an order can stand with a context, in the order in which an order comes there.
func (seen *Seen) states(context string) string {
	on := map[Turn][]string{}
	for turn := range seen.Turns {
		if turn.Context == context {
			what := turn.On
			turn.On = ""
			on[turn] = append(on[turn], what)
		}
	}
	rank := ranks(on)
	var b strings.Builder
	b.WriteString("| state | on | becomes | and says |\n|---|---|---|---|\n")
	turns := map[Turn]bool{}
	for turn := range on {
		turns[turn] = true
	}
	for _, turn := range sorted(turns, func(x, y Turn) int {
		return cmp.Or(cmp.Compare(rank[x.From], rank[y.From]), cmp.Compare(rank[x.To], rank[y.To]), cmp.Compare(x.Says, y.Says))
	}) {
		becomes := turn.To
		if turn.From == turn.To {
			becomes = ""
		}
		slices.Sort(on[turn])
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", dash(turn.From), strings.Join(on[turn], ", "), dash(becomes), dash(turn.Says))
	}
	return b.String()
}

func dash(words string) string { return cmp.Or(words, "–") }

// ranks numbers states by how soon one comes there, and by name.
func ranks(turns map[Turn][]string) map[string]int {
	ways, entered := map[string]map[string]bool{}, map[string]bool{}
	for turn := range turns {
		if ways[turn.From] == nil {
			ways[turn.From] = map[string]bool{}
		}
		ways[turn.From][turn.To] = true
		entered[turn.To] = entered[turn.To] || turn.From != turn.To
	}
	rank, queue := map[string]int{}, []string(nil)
	for _, from := range sorted(keys(ways), strings.Compare) {
		if !entered[from] {
			queue = append(queue, from)
		}
	}
	for len(queue) > 0 {
		state := queue[0]
		queue = queue[1:]
		if _, known := rank[state]; known {
			continue
		}
		rank[state] = len(rank)
		queue = append(queue, sorted(ways[state], strings.Compare)...)
	}
	return rank
}

func keys[V any](m map[string]V) map[string]bool {
	set := map[string]bool{}
	for key := range m {
		set[key] = true
	}
	return set
}
