package conformance

import (
	"strings"
	"testing"
	"time"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/stack/local"
)

// whoIsConnectedSaysWhatForAndWhereToLook reads RabbitMQ's own console, as people do who begin there: each context's connections and
// the consumer of its inbox lead to its page in the operator console.
func whoIsConnectedSaysWhatForAndWhereToLook(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for name, member := range local.Members() {
		page := quadrille.URL("gateway") + "/console/contexts/" + name
		if !member.ListensOnly {
			want[name+" publisher"] = page
		}
		if len(member.Facts) > 0 {
			want[name+" consumer"], want[rabbit.InboxQueue(name)] = page, page
		}
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		shown := pagesShown(t)
		missing := ""
		for what, page := range want {
			if shown[what] != page {
				missing = what + " shows " + shown[what]
			}
		}
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(missing)
		}
	}
}

// pagesShown are the pages that connections and consumers point to: "billing publisher" and "billing.inbox".
func pagesShown(t *testing.T) map[string]string {
	t.Helper()
	amqpURL := quadrille.AMQPURL("ordering")
	vhost := amqpURL[strings.LastIndex(amqpURL, "/"):]
	var connections []struct {
		Properties struct {
			Name    string `json:"connection_name"`
			Console string `json:"console"`
		} `json:"client_properties"`
	}
	testkit.Look(t, "/api/vhosts"+vhost+"/connections", &connections)
	shown := map[string]string{}
	for _, c := range connections {
		context, rest, _ := strings.Cut(c.Properties.Name, "@")
		_, role, _ := strings.Cut(rest, " ")
		shown[context+" "+role] = c.Properties.Console
	}
	var consumers []struct {
		Queue     struct{ Name string } `json:"queue"`
		Arguments struct {
			Console string `json:"console"`
		} `json:"arguments"`
	}
	testkit.Look(t, "/api/consumers"+vhost, &consumers)
	for _, c := range consumers {
		shown[c.Queue.Name] = c.Arguments.Console
	}
	return shown
}
