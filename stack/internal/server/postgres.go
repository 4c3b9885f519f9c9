package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/stack/internal/process"
)

// PostgresConfig says where a cluster lives and how it listens.
type PostgresConfig struct {
	// Dir holds the cluster and is made if missing. The server's own user must be able to enter the directory it lies in.
	Dir      string
	Log      string
	Port     int
	Password string
	// Fleeting trades the safety of the data for speed, for clusters that live as long as a test run: it survives that the server is
	// killed, and not that the machine is.
	Fleeting bool
}

// PostgresUser is who runs PostgreSQL, which refuses to run as root; nil for the present user.
func PostgresUser() (*process.User, error) {
	return process.Unprivileged("postgres", "nobody")
}

// Postgres makes the cluster if there is none yet, and answers how to run its server and the superuser's URL. The server listens on
// TCP alone: the path of a Unix socket could exceed 107 bytes.
func Postgres(ctx context.Context, config PostgresConfig) (process.Command, string, error) {
	as, err := PostgresUser()
	if err != nil {
		return process.Command{}, "", err
	}
	bin, err := postgresBin(filepath.Join(config.Dir, "data"))
	if err != nil {
		return process.Command{}, "", err
	}
	if err := initCluster(ctx, config, bin, as); err != nil {
		return process.Command{}, "", err
	}
	address := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", config.Password),
		Host: "127.0.0.1:" + strconv.Itoa(config.Port), Path: "/postgres", RawQuery: "sslmode=disable",
	}
	return process.Command{
		Name: "postgresql", Path: filepath.Join(bin, "postgres"), Args: postgresArgs(config), Env: basicEnv(config.Dir),
		Dir: config.Dir, As: as, Log: config.Log,
		Ends: syscall.SIGINT, // ends sessions instead of waiting for them
	}, address.String(), nil
}

// PingPostgres tells whether a server answers.
func PingPostgres(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	return conn.Close(ctx)
}

func postgresArgs(config PostgresConfig) []string {
	args := []string{
		"-D", filepath.Join(config.Dir, "data"), "-p", strconv.Itoa(config.Port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "logging_collector=off",
		"-c", "max_connections=600",
	}
	if config.Fleeting {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	return args
}

// initCluster makes the cluster, all of it or nothing, unless it is there.
func initCluster(ctx context.Context, config PostgresConfig, bin string, as *process.User) error {
	data, fresh, secret := filepath.Join(config.Dir, "data"), filepath.Join(config.Dir, "data.new"), filepath.Join(config.Dir, "secret")
	if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(config.Dir, 0o700); err != nil {
		return fmt.Errorf("make cluster: %w", err)
	}
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("make cluster: %w", err)
	}
	if err := os.WriteFile(secret, []byte(config.Password), 0o600); err != nil {
		return fmt.Errorf("make cluster: %w", err)
	}
	defer os.Remove(secret)
	if err := errors.Join(as.Own(config.Dir), as.Own(secret)); err != nil {
		return err
	}
	args := []string{
		"-D", fresh, "-U", "postgres", "--auth=scram-sha-256", "--pwfile=" + secret,
		"--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
	}
	if config.Fleeting {
		args = append(args, "--no-sync")
	}
	if err := runInitdb(ctx, filepath.Join(bin, "initdb"), args, config, as); err != nil {
		return err
	}
	if err := os.Rename(fresh, data); err != nil {
		return fmt.Errorf("make cluster: %w", err)
	}
	return nil
}

func runInitdb(ctx context.Context, path string, args []string, config PostgresConfig, as *process.User) error {
	var output bytes.Buffer
	initdb, err := process.Start(process.Command{
		Name: "initdb", Path: path, Args: args, Env: basicEnv(config.Dir), Dir: config.Dir, As: as, Output: &output,
	})
	if err != nil {
		return err
	}
	select {
	case <-initdb.Done():
	case <-ctx.Done():
		initdb.Kill()
		return fmt.Errorf("make cluster: %w", ctx.Err())
	}
	if err := initdb.Err(); err != nil {
		return fmt.Errorf("make cluster: initdb: %w\n%s", err, output.String())
	}
	return nil
}
