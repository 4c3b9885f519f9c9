package edge

import (
	"context"
	"math"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/maypok86/otter/v2"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/viewer"
)

// principals is how many are remembered at most. Who is forgotten starts with a full bucket.
const principals = 100_000

// rates refuses operations of whoever begins too many, over whatever transport.
type rates struct{ operators, others *buckets }

var _ graphql.OperationParameterMutator = rates{}

func newRates(config Config) rates {
	return rates{
		operators: newBuckets(config.OperatorRateLimit, config.OperatorRateBurst),
		others:    newBuckets(config.RateLimit, config.RateBurst),
	}
}

// ExtensionName is for gqlgen.
func (rates) ExtensionName() string { return "Rates" }

// Validate is for gqlgen.
func (rates) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters is for gqlgen.
func (r rates) MutateOperationParameters(ctx context.Context, _ *graphql.RawParams) *gqlerror.Error {
	of := r.others
	if v, known := viewer.From(ctx); known && v.IsOperator() {
		of = r.operators
	}
	wait := of.take(principal(ctx), time.Now())
	if wait == 0 {
		return nil
	}
	return &gqlerror.Error{Message: "That are too many requests. Try again later.", Extensions: map[string]any{
		"code": fault.RateLimited, "retryAfter": int(math.Ceil(wait.Seconds())),
	}}
}

// buckets fill with rate tokens a second, up to burst. A rate of 0 is no limit.
type buckets struct {
	rate, burst float64
	known       *otter.Cache[string, *bucket]
}

type bucket struct {
	mu     sync.Mutex
	tokens float64
	at     time.Time
}

func newBuckets(rate float64, burst int) *buckets {
	return &buckets{rate, float64(burst), otter.Must(&otter.Options[string, *bucket]{MaximumSize: principals})}
}

// take takes a token out of a principal's bucket, or says how long it takes until there is one.
func (b *buckets) take(principal string, now time.Time) (wait time.Duration) {
	if b.rate == 0 {
		return 0
	}
	its, known := b.known.GetIfPresent(principal)
	if !known {
		its, _ = b.known.SetIfAbsent(principal, &bucket{tokens: b.burst, at: now})
	}
	its.mu.Lock()
	defer its.mu.Unlock()
	its.tokens = min(b.burst, its.tokens+b.rate*max(0, now.Sub(its.at).Seconds()))
	its.at = now
	if its.tokens < 1 {
		return time.Duration((1 - its.tokens) / b.rate * float64(time.Second))
	}
	its.tokens--
	return 0
}

type addressKey struct{}

// address is where a request comes from.
func address(ctx context.Context) string {
	from, _ := ctx.Value(addressKey{}).(string)
	return from
}

func withAddress(ctx context.Context, from string) context.Context {
	return context.WithValue(ctx, addressKey{}, from)
}

// addressed finds out where requests come from, behind so many proxies.
func addressed(proxies int, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(withAddress(r.Context(), origin(r, proxies))))
	})
}

// origin is the address that the outermost of our proxies was called from; what is before it anybody can have written. Of IPv6 it is the
// network, of which one client has all addresses.
func origin(r *http.Request, proxies int) string {
	from := r.RemoteAddr
	if at, err := netip.ParseAddrPort(from); err == nil {
		from = at.Addr().Unmap().String()
	}
	if passed := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ","); proxies > 0 && len(passed) >= proxies {
		from = strings.TrimSpace(passed[len(passed)-proxies])
	}
	if address, err := netip.ParseAddr(from); err == nil && address.Is6() {
		if network, err := address.Prefix(64); err == nil {
			return network.String()
		}
	}
	return from
}
