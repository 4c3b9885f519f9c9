package acl

import (
	"errors"
	"fmt"
	"strings"

	"quadrille.dev/platform/event"
)

// What the gateway overhears of whom: facts after which a product, a price or a count may be another one.
var (
	CatalogFacts   = []string{"product.*.*"}
	PricingFacts   = []string{"price.*.*"}
	InventoryFacts = []string{"stock.*.*"}
)

// Changed is what a message says has changed: names, and nothing of what is known under them.
type Changed struct {
	ProductID string
	SKUs      []string
}

// ReadFact reads what a fact of catalog's, pricing's or inventory's says has changed; of an order without lines, nothing.
func ReadFact(message []byte) (Changed, error) {
	envelope, err := event.Decode(message)
	if err != nil {
		return Changed{}, fmt.Errorf("read fact: %w", err)
	}
	data, err := event.Data[struct {
		ProductID string `json:"productId"`
		named
		Lines   []named `json:"lines"`
		Missing []named `json:"missing"`
	}](envelope)
	if err != nil {
		return Changed{}, fmt.Errorf("read %s: %w", envelope.Name(), err)
	}
	if data.SKU == "" && data.Lines == nil && data.Missing == nil {
		return Changed{}, fmt.Errorf("read %s: neither sku nor lines", envelope.Name())
	}
	changed := Changed{ProductID: data.ProductID}
	for _, all := range [][]named{{data.named}, data.Lines, data.Missing} {
		for _, one := range all {
			if one.SKU != "" {
				changed.SKUs = append(changed.SKUs, SKU(one.SKU))
			}
		}
	}
	return changed, nil
}

// ReadChangedLevels reads whose count the signal stock.level says has changed.
func ReadChangedLevels(message []byte) (Changed, error) {
	signal, err := readLevels(message)
	if err != nil {
		return Changed{}, err
	}
	var changed Changed
	for level := range signal.all() {
		if strings.TrimSpace(level.SKU) == "" {
			return Changed{}, errors.New("read stock.level: no sku")
		}
		changed.SKUs = append(changed.SKUs, SKU(level.SKU))
	}
	return changed, nil
}

type named struct {
	SKU string `json:"sku"`
}
