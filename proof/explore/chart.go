package explore

import (
	"cmp"
	"fmt"
	"strings"
)

// choreography is a diagram of which facts lead to which. The steps of a return are left out: what is asked and answered says the same.
func (seen *Seen) choreography() string {
	facts, outsiders, leads := map[string]bool{}, map[string]bool{}, map[Lead]bool{}
	for lead := range seen.Leads {
		if strings.HasPrefix(lead.To, "ordering.return.step") {
			continue
		}
		leads[lead] = true
		for _, end := range []string{lead.From, lead.To} {
			if strings.Contains(end, ".") {
				facts[end] = true
			} else {
				outsiders[end] = true
			}
		}
	}
	var b strings.Builder
	b.WriteString("```mermaid\nflowchart LR\n")
	for _, outsider := range sorted(outsiders, strings.Compare) {
		fmt.Fprintf(&b, "  %s([%s])\n", outsider, outsider)
	}
	for _, context := range seen.Contexts {
		fmt.Fprintf(&b, "  subgraph %s\n", context)
		for _, fact := range sorted(facts, strings.Compare) {
			if strings.HasPrefix(fact, context+".") {
				fmt.Fprintf(&b, "    %s"+cmp.Or(seen.shapes[fact], "[%s]")+"\n", node(fact), short(fact))
			}
		}
		b.WriteString("  end\n")
	}
	for _, lead := range sorted(leads, compareLeads) {
		fmt.Fprintf(&b, "  %s --> %s\n", node(lead.From), node(lead.To))
	}
	b.WriteString("```\n")
	return b.String()
}

func node(end string) string {
	if strings.Contains(end, ".") {
		return strings.ReplaceAll(short(end), " ", ".")
	}
	return end
}

func compareLeads(x, y Lead) int { return strings.Compare(x.From+" "+x.To, y.From+" "+y.To) }

// facts is the table of who hears what, and what it leads to.
func (seen *Seen) facts() string {
	var b strings.Builder
	b.WriteString("| fact | heard by | leads to |\n|---|---|---|\n")
	for _, fact := range sorted(keys(seen.Hearers), strings.Compare) {
		var leads []string
		for _, lead := range sorted(seen.Leads, compareLeads) {
			if lead.From == fact {
				leads = append(leads, short(lead.To))
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", fact, dash(strings.Join(seen.Hearers[fact], ", ")), dash(strings.Join(leads, ", ")))
	}
	return b.String()
}
