// Package provision gives every context a database and a RabbitMQ user of its own, with no more rights than it needs. What is there
// already is kept and brought up to date.
package provision

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Postgres is a server in which databases are made.
type Postgres struct {
	// URL is a superuser's.
	URL string
	// Prefix is put before the names of databases and roles, so that stacks can share a server.
	Prefix string
	// Private is set when nobody else uses the server: then no role may connect to any database but its own. Otherwise the
	// databases of others stay as they are.
	Private bool
}

// provisioning is the advisory lock under which databases are made: roles are shared by all databases of a server.
const provisioning = 0x71756164

// Databases makes a database for each context, owned by a role of the same name, and answers the roles' URLs. Only the role itself
// can connect to its database.
func (p Postgres) Databases(ctx context.Context, contexts []string, password func(name string) string) (map[string]string, error) {
	conn, err := pgx.Connect(ctx, p.URL)
	if err != nil {
		return nil, fmt.Errorf("make databases: %w", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", provisioning); err != nil {
		return nil, fmt.Errorf("make databases: %w", err)
	}
	urls := map[string]string{}
	for _, name := range contexts {
		if err := p.database(ctx, conn, p.Prefix+name, password(name)); err != nil {
			return nil, fmt.Errorf("make database of %s: %w", name, err)
		}
		if urls[name], err = p.urlOf(p.Prefix+name, password(name)); err != nil {
			return nil, err
		}
	}
	if p.Private {
		if err := closeAll(ctx, conn); err != nil {
			return nil, fmt.Errorf("close databases to the public: %w", err)
		}
	}
	return urls, nil
}

func (p Postgres) database(ctx context.Context, conn *pgx.Conn, name, password string) error {
	quoted := pgx.Identifier{name}.Sanitize()
	var role, database bool
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1), EXISTS (SELECT FROM pg_database WHERE datname = $1)`,
		name).Scan(&role, &database)
	if err != nil {
		return err
	}
	var statements []string
	if role {
		statements = append(statements, "ALTER ROLE "+quoted+rights(password))
	} else {
		statements = append(statements, "CREATE ROLE "+quoted+rights(password))
	}
	if !database {
		statements = append(statements, "CREATE DATABASE "+quoted+" OWNER "+quoted)
	}
	statements = append(statements, closed(name))
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// closeAll closes the databases that come with a cluster, which are open to every role.
func closeAll(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "SELECT datname FROM pg_database WHERE datallowconn")
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := conn.Exec(ctx, closed(name)); err != nil {
			return err
		}
	}
	return nil
}

// rights are those of a context's role.
func rights(password string) string {
	return " LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD " + literal(password)
}

// closed keeps everyone but its owner out of a database.
func closed(database string) string {
	return "REVOKE ALL ON DATABASE " + pgx.Identifier{database}.Sanitize() + " FROM PUBLIC"
}

// Script is what Databases does to a new server, for a tool that runs SQL.
func Script(contexts []string, password func(name string) string) string {
	var script strings.Builder
	for _, name := range contexts {
		quoted := pgx.Identifier{name}.Sanitize()
		fmt.Fprintf(&script, "CREATE ROLE %s%s;\nCREATE DATABASE %s OWNER %s;\n%s;\n", quoted, rights(password(name)), quoted, quoted, closed(name))
	}
	for _, name := range []string{"postgres", "template1"} {
		script.WriteString(closed(name) + ";\n")
	}
	return script.String()
}

// Drop removes the databases and roles of the contexts.
func (p Postgres) Drop(ctx context.Context, contexts []string) error {
	conn, err := pgx.Connect(ctx, p.URL)
	if err != nil {
		return fmt.Errorf("drop databases: %w", err)
	}
	defer conn.Close(ctx)
	for _, name := range contexts {
		quoted := pgx.Identifier{p.Prefix + name}.Sanitize()
		for _, statement := range []string{"DROP DATABASE IF EXISTS " + quoted + " WITH (FORCE)", "DROP ROLE IF EXISTS " + quoted} {
			if _, err := conn.Exec(ctx, statement); err != nil {
				return fmt.Errorf("drop database of %s: %w", name, err)
			}
		}
	}
	return nil
}

func (p Postgres) urlOf(name, password string) (string, error) {
	address, err := url.Parse(p.URL)
	if err != nil {
		return "", fmt.Errorf("read the URL of PostgreSQL: %w", err)
	}
	address.User, address.Path = url.UserPassword(name, password), "/"+name
	return address.String(), nil
}

// literal quotes a string for a statement that takes no parameters.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
