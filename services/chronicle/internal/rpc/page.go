package rpc

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"connectrpc.com/connect"

	pagev1 "quadrille.dev/schema/rpc/page/v1"

	"quadrille.dev/services/chronicle/internal/app"
)

func cursor(at app.Position) string {
	return base64.RawURLEncoding.EncodeToString([]byte(at.At.UTC().Format(time.RFC3339Nano) + " " + at.ID))
}

func page(request *pagev1.PageRequest) (app.Page, error) {
	page := app.Page{First: int(request.GetFirst())}
	if page.First < 1 || page.First > 100 {
		return page, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("first is %d, not 1 to 100", page.First))
	}
	if request.GetAfter() == "" {
		return page, nil
	}
	decoded, err := base64.RawURLEncoding.DecodeString(request.GetAfter())
	at, id, found := strings.Cut(string(decoded), " ")
	if err == nil && found {
		page.After.ID = id
		page.After.At, err = time.Parse(time.RFC3339Nano, at)
	}
	if err != nil || !found {
		return page, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("after is no cursor: %q", request.GetAfter()))
	}
	return page, nil
}
