// Package cache keeps what contexts say of products, their prices and how many there are: for long, because the contexts themselves say what
// changes, and as a stand-in while a context does not answer.
package cache

import (
	"context"
	"log/slog"
	"maps"
	"slices"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/viewer"
	"quadrille.dev/platform/rabbit"
)

// Catalog knows products.
type Catalog interface {
	BySKU(ctx context.Context, skus []string) (map[string]*model.Product, error)
	ByID(ctx context.Context, ids []string) (map[string]*model.Product, error)
	Search(ctx context.Context, page acl.Page, search, category string) (*model.ProductConnection, error)
	Categories(ctx context.Context) ([]model.Category, error)
}

// Pricing knows list prices.
type Pricing interface {
	Prices(ctx context.Context, skus []string) (map[string]*model.Price, error)
}

// Inventory knows what can be promised.
type Inventory interface {
	Availability(ctx context.Context, skus []string) (map[string]*model.Availability, error)
}

// Broker hands over what contexts say; *rabbit.Broker does.
type Broker interface {
	Overhear(ctx context.Context, o rabbit.Overhearing) error
}

// Goods are the products, their prices and how many there are, as those contexts say who know, or have said.
type Goods struct {
	catalog   Catalog
	pricing   Pricing
	inventory Inventory
	log       *slog.Logger
	// off is set when nothing is to be kept: then whoever asks is answered by the contexts, as they say it.
	off bool

	bySKU, byID  *shelf[model.Product]
	prices       *shelf[model.Price]
	availability *shelf[model.Availability]
	pages        *shelf[listing]
	categories   *shelf[categories]
}

// New makes a cache in which nothing is kept yet. Nothing is taken for fresh for longer than UnheardFor until Listen has begun.
func New(settings Settings, catalog Catalog, pricing Pricing, inventory Inventory, log *slog.Logger) *Goods {
	g := &Goods{catalog: catalog, pricing: pricing, inventory: inventory, log: log, off: settings.Entries == 0}
	g.bySKU = newShelf(settings, values(catalog.BySKU))
	g.byID = newShelf(settings, values(catalog.ByID))
	g.prices = newShelf(settings, values(pricing.Prices))
	g.availability = newShelf(settings, values(inventory.Availability))
	g.pages = newShelf(settings, g.readPages)
	g.categories = newShelf(settings, g.readCategories)
	return g
}

// values has what a context answers copied, because what is kept is shared and must not be changed.
func values[V Public](ask func(context.Context, []string) (map[string]*V, error)) read[V] {
	return func(ctx context.Context, keys []string) (map[string]V, error) {
		answer, err := ask(ctx, keys)
		copies := make(map[string]V, len(answer))
		for key, value := range answer {
			copies[key] = *value
		}
		return copies, err
	}
}

// BySKU answers products by SKU, retired ones included; those that do not exist are missing. With an error it answers what is kept.
func (g *Goods) BySKU(ctx context.Context, skus []string) (map[string]*model.Product, error) {
	if g.off {
		return g.catalog.BySKU(viewer.Nobody(ctx), skus)
	}
	return gathered(g.bySKU.get(ctx, skus))
}

// ByID answers products by id, like BySKU.
func (g *Goods) ByID(ctx context.Context, ids []string) (map[string]*model.Product, error) {
	if g.off {
		return g.catalog.ByID(viewer.Nobody(ctx), ids)
	}
	return gathered(g.byID.get(ctx, ids))
}

func gathered(answer map[string]found[model.Product], err error) (map[string]*model.Product, error) {
	products := served(answer, serveProduct)
	model.GatherProducts(slices.Collect(maps.Values(products)))
	return products, err
}

// Prices answers list prices by SKU; SKUs without a price are missing. With an error it answers what is kept.
func (g *Goods) Prices(ctx context.Context, skus []string) (map[string]*model.Price, error) {
	if g.off {
		return g.pricing.Prices(viewer.Nobody(ctx), skus)
	}
	answer, err := g.prices.get(ctx, skus)
	return served(answer, func(p *model.Price, f found[model.Price]) { p.AsOf, p.Stale = f.asOf, f.stale }), err
}

// Availability answers by SKU what can be promised. With an error it answers what is kept.
func (g *Goods) Availability(ctx context.Context, skus []string) (map[string]*model.Availability, error) {
	if g.off {
		return g.inventory.Availability(viewer.Nobody(ctx), skus)
	}
	answer, err := g.availability.get(ctx, skus)
	return served(answer, func(a *model.Availability, f found[model.Availability]) { a.AsOf, a.Stale = f.asOf, f.stale }), err
}

// served makes copies for one answer, which say how old they are.
func served[V Public](answer map[string]found[V], date func(*V, found[V])) map[string]*V {
	all := make(map[string]*V, len(answer))
	for key, found := range answer {
		if found.there {
			all[key] = new(found.value)
			date(all[key], found)
		}
	}
	return all
}

func serveProduct(p *model.Product, f found[model.Product]) { p.AsOf, p.Stale = f.asOf, f.stale }

// ProductChanged says that a product is another now; an empty id or SKU is not known.
func (g *Goods) ProductChanged(id, sku string) {
	if id != "" {
		g.byID.changed(id)
	}
	if sku != "" {
		g.bySKU.changed(sku)
	}
	g.pages.allChanged()
	g.categories.allChanged()
}

// PriceChanged says that a price is another now.
func (g *Goods) PriceChanged(sku string) { g.prices.changed(sku) }

// AvailabilityChanged says that there are more or less of a product now.
func (g *Goods) AvailabilityChanged(sku string) { g.availability.changed(sku) }

// Listen hears from a broker what changes, until ctx ends, by loops that it starts with loop.
func (g *Goods) Listen(ctx context.Context, broker Broker, loop func(func() error)) {
	if g.off {
		return
	}
	hear := func(o rabbit.Overhearing) { loop(func() error { return broker.Overhear(ctx, o) }) }
	hear(rabbit.Overhearing{
		Context: "catalog", Facts: acl.CatalogFacts,
		Began: func() { g.bySKU.began(); g.byID.began(); g.pages.began(); g.categories.began() },
		Ended: func() { g.bySKU.ended(); g.byID.ended(); g.pages.ended(); g.categories.ended() },
		Handle: g.heard("catalog", g.catalogSaid, func() {
			g.bySKU.allChanged()
			g.byID.allChanged()
			g.pages.allChanged()
			g.categories.allChanged()
		}),
	})
	hear(rabbit.Overhearing{
		Context: "pricing", Facts: acl.PricingFacts, Began: g.prices.began, Ended: g.prices.ended,
		Handle: g.heard("pricing", each(g.prices), g.prices.allChanged),
	})
	hear(rabbit.Overhearing{
		Context: "inventory", Facts: acl.InventoryFacts, Began: g.availability.began, Ended: g.availability.ended,
		Handle: g.heard("inventory", each(g.availability), g.availability.allChanged),
	})
}

func (g *Goods) catalogSaid(changed acl.Changed) {
	for _, sku := range changed.SKUs {
		g.ProductChanged(changed.ProductID, sku)
	}
}

func each[V Public](s *shelf[V]) func(acl.Changed) {
	return func(changed acl.Changed) {
		for _, sku := range changed.SKUs {
			s.changed(sku)
		}
	}
}

// heard reads a fact. After one that cannot be read everything may be another.
func (g *Goods) heard(from string, one func(acl.Changed), all func()) func(key string, message []byte) {
	return g.reading(from, acl.ReadFact, one, all)
}

// Signalled hears inventory's signal stock.level, which may be sooner than the fact that says so too.
func (g *Goods) Signalled(key string, message []byte) {
	if g.off {
		return
	}
	g.reading("inventory", acl.ReadChangedLevels, each(g.availability), g.availability.allChanged)(key, message)
}

func (g *Goods) reading(from string, read func([]byte) (acl.Changed, error), one func(acl.Changed), all func()) func(key string, message []byte) {
	return func(key string, message []byte) {
		changed, err := read(message)
		if err != nil {
			g.log.Warn("unreadable message: all that is kept is read again", "from", from, "key", key, "error", err)
			all()
			return
		}
		one(changed)
	}
}
