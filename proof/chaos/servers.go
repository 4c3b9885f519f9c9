package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// killBroker freezes the broker first, so that what is on its way to it is lost.
func (t *Trial) killBroker(ctx context.Context, fault Fault) error {
	if err := t.servers.FreezeRabbitMQ(); err != nil {
		return err
	}
	return errors.Join(sleep(ctx, fault.Hold), t.servers.KillRabbitMQ(ctx))
}

func (t *Trial) killDatabase(ctx context.Context, _ Fault) error { return t.servers.KillPostgres(ctx) }

func (t *Trial) fillDisk(ctx context.Context, fault Fault) error {
	if err := t.servers.RaiseDiskAlarm(ctx); err != nil {
		return err
	}
	return errors.Join(sleep(ctx, fault.Hold), t.servers.ClearDiskAlarm(ctx))
}

// cutConnections closes all connections of the system to the broker, again and again while the fault holds.
func (t *Trial) cutConnections(ctx context.Context, fault Fault) error {
	for until := time.Now().Add(fault.Hold); ; {
		var connections []struct{ Name string }
		if err := t.manage(ctx, http.MethodGet, "/api/vhosts/"+t.vhost+"/connections", "", &connections); err != nil {
			return err
		}
		for _, c := range connections {
			if err := t.manage(ctx, http.MethodDelete, "/api/connections/"+url.PathEscape(c.Name), "", nil); err != nil {
				return err
			}
		}
		t.count("connections cut", len(connections))
		if time.Now().After(until) {
			return nil
		}
		if err := sleep(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
}

// cutSessions ends all sessions of the system with its databases.
func (t *Trial) cutSessions(ctx context.Context, fault Fault) error {
	conn, err := pgx.Connect(ctx, t.servers.PostgresURL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for until := time.Now().Add(fault.Hold); ; {
		tag, err := conn.Exec(ctx, `
			SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE backend_type = 'client backend' AND application_name <> '' AND pid <> pg_backend_pid()`)
		if err != nil {
			return err
		}
		t.count("sessions cut", int(tag.RowsAffected()))
		if time.Now().After(until) {
			return nil
		}
		if err := sleep(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
}

// manage asks the broker's management API. To delete what is gone already is no error.
func (t *Trial) manage(ctx context.Context, method, path, body string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, t.servers.ManagementURL+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNotFound && method == http.MethodDelete:
		return nil
	case response.StatusCode >= http.StatusMultipleChoices:
		return fmt.Errorf("%s %s: %s", method, path, response.Status)
	case answer == nil:
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
