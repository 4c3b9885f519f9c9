package shop

import (
	"maps"
	"time"

	"quadrille.dev/platform/money"
)

// object is an object of GraphQL by the names of its fields, of which one is __typename. Its values are strings, numbers, objects and
// lists of objects.
type object map[string]any

// Graph answers queries about what one subgraph tells, or all of them together.
type Graph struct {
	// entities are those objects that are known by a key, by type and key.
	entities map[string]map[string]object
	products []object
}

// keys are the fields by which objects of a type are known.
var keys = map[string]string{"Product": "sku", "Order": "id", "Customer": "id"}

// Subgraphs are what each context tells as a federation subgraph, by the context's name. Of an object that is another's each tells the key.
func (s *Shop) Subgraphs() map[string]*Graph {
	graphs := map[string]*Graph{}
	s.tell(func(subgraph string, told object) {
		graph := graphs[subgraph]
		if graph == nil {
			graph = &Graph{entities: map[string]map[string]object{}}
			graphs[subgraph] = graph
		}
		graph.hear(told)
		if subgraph == "catalog" {
			graph.products = append(graph.products, told)
		}
	})
	return graphs
}

// Whole is what all subgraphs tell together: what a gateway in front of them should answer.
func (s *Shop) Whole() *Graph {
	whole := &Graph{entities: map[string]map[string]object{}}
	s.tell(func(_ string, told object) { whole.hear(told) })
	for _, p := range s.products {
		whole.products = append(whole.products, whole.entities["Product"][p.sku])
	}
	return whole
}

// hear adds to what is known of an object.
func (g *Graph) hear(told object) {
	kind := told["__typename"].(string)
	key := told[keys[kind]].(string)
	if g.entities[kind] == nil {
		g.entities[kind] = map[string]object{}
	}
	if g.entities[kind][key] == nil {
		g.entities[kind][key] = object{}
	}
	maps.Copy(g.entities[kind][key], told)
}

// tell goes through what each subgraph says of each object.
func (s *Shop) tell(say func(subgraph string, told object)) {
	for _, p := range s.products {
		say("catalog", object{
			"__typename": "Product", "id": globalID("Product", p.key), "sku": p.sku, "name": p.name, "description": p.description,
			"category": p.category, "imageUrl": p.image,
		})
		say("pricing", object{"__typename": "Product", "sku": p.sku, "price": told("Price", p.price)})
		say("inventory", object{"__typename": "Product", "sku": p.sku, "availability": object{
			"__typename": "Availability", "available": p.available, "status": inAWord(p.available),
		}})
	}
	for _, o := range s.orders {
		id, customer := globalID("Order", o.key), globalID("Customer", o.customer.key)
		say("ordering", o.told(id, customer))
		say("customers", object{"__typename": "Customer", "id": customer, "name": o.customer.name, "tier": "STANDARD"})
		say("inventory", object{"__typename": "Order", "id": id, "reservation": object{"__typename": "Reservation", "status": "DEDUCTED"}})
		say("billing", object{
			"__typename": "Order", "id": id,
			"payment": object{
				"__typename": "Payment", "status": "CAPTURED", "amount": told("Money", o.total()), "refunded": told("Money", pounds(0)),
			},
			"invoice": object{"__typename": "Invoice", "number": o.invoice, "status": "ISSUED", "total": told("Money", o.total())},
		})
		say("fulfillment", object{"__typename": "Order", "id": id, "shipment": object{
			"__typename": "Shipment", "status": "DELIVERED", "carrier": "Sandbox Carrier", "trackingNumber": o.tracking,
		}})
	}
}

// told is what ordering tells of an order.
func (o order) told(id, customer string) object {
	lines := make([]object, len(o.lines))
	for i, line := range o.lines {
		lines[i] = object{
			"__typename": "OrderLine", "sku": line.sku, "quantity": line.quantity,
			"unitPrice": told("Money", line.price), "lineTotal": told("Money", line.total()),
			"product": object{"__typename": "Product", "sku": line.sku},
		}
	}
	return object{
		"__typename": "Order", "id": id, "number": o.number, "status": "FULFILLED", "placedAt": o.placedAt.Format(time.RFC3339Nano),
		"total": told("Money", o.total()), "lines": lines, "customer": object{"__typename": "Customer", "id": customer},
	}
}

func told(kind string, m money.Money) object {
	return object{"__typename": kind, "amount": m.Decimal(), "currencyCode": m.Currency}
}

// inAWord is what the gateway calls a number of products.
func inAWord(available int64) string {
	switch {
	case available == 0:
		return "OUT_OF_STOCK"
	case available < 10:
		return "LOW_STOCK"
	default:
		return "IN_STOCK"
	}
}
