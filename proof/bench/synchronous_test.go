package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"quadrille.dev/platform/testkit"
	inventoryv1 "quadrille.dev/schema/rpc/inventory/v1"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
	pricingv1 "quadrille.dev/schema/rpc/pricing/v1"
	"quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"
)

// synchronous places orders as the textbook warns of: it asks inventory and pricing, charges, reserves and saves, each while the customer waits.
// It is what the product is compared with, and no part of it.
type synchronous struct {
	client    *http.Client
	inventory inventoryv1connect.InventoryServiceClient
	pricing   pricingv1connect.PricingServiceClient
	// payment and reserving are where the provider answers, and who reserves in inventory's place: inventory itself reserves for nobody who asks.
	payment, reserving string
	own                *outages
	orders             *pgxpool.Pool
}

// newSynchronous stands beside a system whose contexts answer at these addresses.
func newSynchronous(b *testing.B, outages *outages, client *http.Client, inventory, pricing, payment string) *synchronous {
	b.Helper()
	pool, err := pgxpool.New(b.Context(), testkit.Postgres(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	_, err = pool.Exec(b.Context(), `
		CREATE TABLE shelf (sku text PRIMARY KEY, free bigint NOT NULL CHECK (free >= 0));
		CREATE TABLE saved (id uuid PRIMARY KEY, sku text NOT NULL, total bigint NOT NULL);
		INSERT INTO shelf VALUES ('BENCH-1', 1000000)`)
	if err != nil {
		b.Fatal(err)
	}
	s := &synchronous{
		client:    client,
		inventory: inventoryv1connect.NewInventoryServiceClient(client, inventory),
		pricing:   pricingv1connect.NewPricingServiceClient(client, pricing),
		payment:   payment, own: outages, orders: pool,
	}
	s.reserving = outages.before(b, "inventory", http.HandlerFunc(s.reserve))
	return s
}

func (s *synchronous) reserve(w http.ResponseWriter, r *http.Request) {
	reserved, err := s.orders.Exec(r.Context(), `UPDATE shelf SET free = free - 1 WHERE sku = $1`, r.FormValue("sku"))
	if err != nil || reserved.RowsAffected() != 1 {
		http.Error(w, "not reserved", http.StatusConflict)
	}
}

// place places one order, or tells why it could not.
func (s *synchronous) place(ctx context.Context, sku string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if s.own.down("ordering", traceOf(ctx.Value(traceKey{}).(string))) {
		return errors.New("ordering itself is down")
	}
	stock, err := s.inventory.GetAvailability(ctx, &inventoryv1.GetAvailabilityRequest{Skus: []string{sku}})
	if err != nil {
		return fmt.Errorf("check availability: %w", err)
	}
	if len(stock.Availabilities) != 1 || stock.Availabilities[0].Available < 1 {
		return errors.New("out of stock")
	}
	quote, err := s.pricing.Quote(ctx, &pricingv1.QuoteRequest{Lines: []*pricingv1.QuoteRequest_Line{{Sku: sku, Quantity: 1}}})
	if err != nil {
		return fmt.Errorf("price: %w", err)
	}
	id := uuid.New()
	if err := ask(ctx, s.client, s.payment+"/v1/payment_intents", id, charge(id, quote.Total.GetMinorUnits())); err != nil {
		return fmt.Errorf("charge: %w", err)
	}
	if err := ask(ctx, s.client, s.reserving, id, url.Values{"sku": {sku}}); err != nil {
		return fmt.Errorf("reserve: %w", err)
	}
	if _, err := s.orders.Exec(ctx, `INSERT INTO saved VALUES ($1, $2, $3)`, id, sku, quote.Total.GetMinorUnits()); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// charge is what the payment provider is asked for an order.
func charge(order uuid.UUID, amount int64) url.Values {
	return url.Values{
		"amount":             {strconv.FormatInt(amount, 10)},
		"currency":           {"gbp"},
		"payment_method":     {"pm_card_visa"},
		"confirm":            {"true"},
		"metadata[order_id]": {order.String()},
	}
}

// ask asks for something, of which a key says that it is the same when it is asked for again.
func ask(ctx context.Context, client *http.Client, address string, key uuid.UUID, form url.Values) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Idempotency-Key", key.String())
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}
