package conformance

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"quadrille.dev/proof/system"
	// Their services register themselves.
	_ "quadrille.dev/schema/rpc/billing/v1"
	_ "quadrille.dev/schema/rpc/catalog/v1"
	_ "quadrille.dev/schema/rpc/chronicle/v1"
	_ "quadrille.dev/schema/rpc/customers/v1"
	_ "quadrille.dev/schema/rpc/fulfillment/v1"
	_ "quadrille.dev/schema/rpc/inventory/v1"
	_ "quadrille.dev/schema/rpc/operations/v1"
	_ "quadrille.dev/schema/rpc/ordering/v1"
	_ "quadrille.dev/schema/rpc/pricing/v1"
)

var update = flag.Bool("update", false, "write testdata/callers.txt again")

// callers says who gets what of each RPC of each context, called past the gateway. Everything asked for is ada's, if it is anybody's.
const callers = "testdata/callers.txt"

// call is what is asked of an RPC. Names in braces stand for what is ada's.
type call struct {
	request string
	// told is what an answer tells to those who may know it; empty if any answer will do, also one that refuses the input.
	told string
}

// calls are by service and method. None of them changes anything: what may be done is refused because of the input.
var calls = map[string]call{
	"billing.v1.BillingService/GetAccounts":          {`{"orderIds": ["{order}"]}`, "{order}"},
	"billing.v1.BillingService/GetCreditNotes":       {`{"orderIds": ["{order}"]}`, "{return}"},
	"billing.v1.BillingService/RetryStep":            {`{"orderId": "{order}", "step": "charge"}`, ""},
	"billing.v1.BillingService/ResolveStep":          {`{"orderId": "{order}", "step": "charge", "outcome": "DONE", "reference": "r", "reason": "r"}`, ""},
	"catalog.v1.CatalogService/GetProducts":          {`{"skus": ["{sku}"]}`, "{sku}"},
	"catalog.v1.CatalogService/SearchProducts":       {`{"page": {"first": 1}}`, "edges"},
	"catalog.v1.CatalogService/ListCategories":       {`{}`, "categories"},
	"catalog.v1.CatalogService/ListProduct":          {`{}`, ""},
	"catalog.v1.CatalogService/UpdateProduct":        {`{"id": "{order}"}`, ""},
	"catalog.v1.CatalogService/RetireProduct":        {`{"id": "{order}"}`, ""},
	"chronicle.v1.ChronicleService/GetSagas":         {`{"ids": ["{order}"]}`, "{order}"},
	"chronicle.v1.ChronicleService/ListSagas":        {`{"page": {"first": 1}}`, "edges"},
	"chronicle.v1.ChronicleService/GetTimeline":      {`{"sagaIds": ["{order}"], "first": 1}`, "{order}"},
	"chronicle.v1.ChronicleService/GetFacts":         {`{"ids": ["{fact}"]}`, "{fact}"},
	"chronicle.v1.ChronicleService/InspectFacts":     {`{"ids": ["{fact}"]}`, "payload"},
	"chronicle.v1.ChronicleService/CountFacts":       {`{"seconds": 3600}`, "counts"},
	"chronicle.v1.ChronicleService/ListAudit":        {`{"page": {"first": 1}}`, "edges"},
	"chronicle.v1.ChronicleService/ReadFacts":        {`{"first": 1, "types": ["ordering.order.placed"]}`, "envelopes"},
	"customers.v1.CustomersService/GetCustomers":     {`{"ids": ["{ada}"]}`, "{ada}"},
	"customers.v1.CustomersService/FindCustomer":     {`{"email": "ada@quadrille.test"}`, "{ada}"},
	"customers.v1.CustomersService/RegisterCustomer": {`{}`, ""},
	"customers.v1.CustomersService/SignIn":           {`{}`, ""},
	"customers.v1.CustomersService/SignInWithToken":  {`{}`, ""},
	"customers.v1.CustomersService/UpdateProfile":    {`{"customerId": "{ada}", "name": ""}`, ""},
	"customers.v1.CustomersService/AddAddress":       {`{"customerId": "{ada}"}`, ""},
	"customers.v1.CustomersService/SetTier":          {`{"customerId": "{ada}"}`, ""},
	"customers.v1.CustomersService/Erase":            {`{"customerId": "{ada}"}`, ""},
	"fulfillment.v1.FulfillmentService/GetShipments": {`{"orderIds": ["{order}"]}`, "{order}"},
	"fulfillment.v1.FulfillmentService/RetryStep":    {`{"orderId": "{order}", "step": "arrange"}`, ""},
	"fulfillment.v1.FulfillmentService/ResolveStep":  {`{"orderId": "{order}", "step": "arrange", "outcome": "UNDONE", "reason": "r"}`, ""},
	"inventory.v1.InventoryService/GetAvailability":  {`{"skus": ["{sku}"]}`, "{sku}"},
	"inventory.v1.InventoryService/GetReservations":  {`{"orderIds": ["{order}"]}`, "{order}"},
	"inventory.v1.InventoryService/GetStock":         {`{"orderIds": ["{order}"]}`, "{order}"},
	"inventory.v1.InventoryService/ReceiveStock":     {`{}`, ""},
	"operations.v1.OperationsService/GetStatus":      {`{}`, "name"},
	"operations.v1.OperationsService/ListParked":     {`{"page": {"first": 1}}`, ""},
	"operations.v1.OperationsService/ListDeliveries": {`{"ids": ["{fact}"]}`, "{fact}"},
	"operations.v1.OperationsService/RetryParked":    {`{}`, ""},
	"operations.v1.OperationsService/DiscardParked":  {`{}`, ""},
	"operations.v1.OperationsService/Replay":         {`{"source": "NOWHERE"}`, ""},
	"ordering.v1.OrderingService/Quote":              {`{"lines": [{"sku": "{sku}", "quantity": 1}]}`, "{sku}"},
	"ordering.v1.OrderingService/PlaceOrder":         {`{}`, ""},
	"ordering.v1.OrderingService/CancelOrder":        {`{"orderId": "{order}", "reason": "r", "idempotencyKey": "{key}"}`, ""},
	"ordering.v1.OrderingService/GetOrders":          {`{"ids": ["{order}"]}`, "{ada}"},
	"ordering.v1.OrderingService/ListOrders":         {`{"customerId": "{ada}", "page": {"first": 1}}`, "{ada}"},
	"ordering.v1.OrderingService/RequestReturn":      {`{"orderId": "{order}", "lines": [{"sku": "{sku}", "quantity": 9}], "idempotencyKey": "{key}"}`, ""},
	"ordering.v1.OrderingService/GetReturns":         {`{"ids": ["{return}"]}`, "{ada}"},
	"ordering.v1.OrderingService/ListReturns":        {`{"orderIds": ["{order}"]}`, "{return}"},
	"ordering.v1.OrderingService/RetryReturn":        {`{"returnId": "{return}"}`, ""},
	"ordering.v1.OrderingService/ResolveReturn":      {`{"returnId": "{return}", "reason": "r"}`, ""},
	"pricing.v1.PricingService/GetPrices":            {`{"skus": ["{sku}"]}`, "{sku}"},
	"pricing.v1.PricingService/Quote":                {`{"lines": [{"sku": "{sku}", "quantity": 1}]}`, "{sku}"},
	"pricing.v1.PricingService/ChangePrice":          {`{}`, ""},
	"pricing.v1.PricingService/CreatePromotion":      {`{}`, ""},
}

// everyRPCIsForWhomTheMatrixSays calls every RPC of every context as everybody, past the gateway: each context checks who is calling, and
// whose it is what is asked for, on its own.
func everyRPCIsForWhomTheMatrixSays(t *testing.T) {
	t.Parallel()
	names := adas(t)
	ada, grace, olga := bearer(t, system.Ada), bearer(t, system.Grace), bearer(t, system.Olga)
	who := []string{"", "Bearer rubbish", ada, grace, olga, "Service gateway:rubbish", "Service " + quadrille.Credential("gateway")}
	lines := []string{row("# RPC", "none", "bad token", "owner", "other", "operator", "bad service", "service")}
	urls := quadrille.ContextURLs()
	for _, context := range slices.Sorted(maps.Keys(urls)) {
		for _, rpc := range append(rpcs(context), rpcs("operations")...) {
			asked, known := calls[rpc]
			if !known {
				t.Errorf("nobody says how to call %s", rpc)
				continue
			}
			cells := make([]string, len(who))
			for i, authorization := range who {
				cells[i] = outcome(t, urls[context]+"/"+rpc, authorization, names.Replace(asked.request), names.Replace(asked.told))
			}
			_, method, _ := strings.Cut(rpc, "/")
			lines = append(lines, row(context+"."+method, cells...))
		}
	}
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(callers, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(callers)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s; run this test with -update and look at what changes (-want +got):\n%s", callers, diff)
	}
}

// adas puts what is ada's in the place of its names.
func adas(t *testing.T) *strings.Replacer {
	t.Helper()
	ada, sku := quadrille.As(t, system.Ada), sell(t, 5)
	order := place(t, ada, system.Wish{SKU: sku})
	system.Rest(t, ada, order, patience)
	back := sendBack(t, ada, order, sku, 1)
	system.RestReturn(t, ada, back, patience)
	var data struct {
		Viewer struct{ ID string }
		Order  struct {
			Timeline struct {
				Nodes []struct{ ID, CorrelationID string }
			}
		}
		Return struct {
			Timeline struct {
				Nodes []struct{ CorrelationID string }
			}
		}
	}
	err := ada.Do(t.Context(), `query ($id: ID!, $back: ID!) {
		viewer { id } order(id: $id) { timeline(first: 1) { nodes { id correlationId } } } return(id: $back) { timeline(first: 1) { nodes { correlationId } } } }`,
		map[string]any{"id": order, "back": back}, &data)
	if err != nil || len(data.Order.Timeline.Nodes) == 0 || len(data.Return.Timeline.Nodes) == 0 {
		t.Fatalf("read the order: %+v, %v", data, err)
	}
	fact := data.Order.Timeline.Nodes[0]
	return strings.NewReplacer("{order}", fact.CorrelationID, "{return}", data.Return.Timeline.Nodes[0].CorrelationID, "{fact}", fact.ID, "{ada}", data.Viewer.ID, "{sku}", sku, "{key}", uuid.NewString())
}

func bearer(t *testing.T, email string) string {
	t.Helper()
	token, err := quadrille.As(t, email).Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + token
}

// rpcs are the procedures of a context's services.
func rpcs(context string) (procedures []string) {
	protoregistry.GlobalFiles.RangeFilesByPackage(protoreflect.FullName(context+".v1"), func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				procedures = append(procedures, fmt.Sprintf("%s/%s", service.FullName(), service.Methods().Get(j).Name()))
			}
		}
		return true
	})
	return procedures
}

// outcome is what becomes of a call: yes, nothing if the answer does not tell what is asked for, or why it is refused.
func outcome(t *testing.T, url, authorization, request, told string) string {
	t.Helper()
	posted, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader([]byte(request)))
	if err != nil {
		t.Fatal(err)
	}
	posted.Header.Set("Content-Type", "application/json")
	if authorization != "" {
		posted.Header.Set("Authorization", authorization)
	}
	response, err := http.DefaultClient.Do(posted)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Code       string
		UserErrors []struct{ Code string }
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%s answers %s: %v", url, body, err)
	}
	forbidden := func(of struct{ Code string }) bool { return of.Code == "FORBIDDEN" }
	switch {
	case response.StatusCode != http.StatusOK && answer.Code == "invalid_argument":
		return "yes" // who may not ask is not told what is wrong with the question
	case response.StatusCode != http.StatusOK:
		return answer.Code
	case slices.ContainsFunc(answer.UserErrors, forbidden):
		return "refused"
	case !strings.Contains(string(body), told):
		return "nothing"
	default:
		return "yes"
	}
}

func row(name string, cells ...string) string {
	var line strings.Builder
	fmt.Fprintf(&line, "%-28s", name)
	for _, cell := range cells {
		fmt.Fprintf(&line, " %-17s", cell)
	}
	return strings.TrimRight(line.String(), " ")
}
