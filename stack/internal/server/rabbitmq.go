package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"quadrille.dev/stack/internal/process"
)

// RabbitMQConfig says where a node lives and how it listens.
type RabbitMQConfig struct {
	// Dir holds the node's data and settings and is made if missing.
	Dir string
	Log string
	// Node is the part of the node's name before the @. Data belongs to a name.
	Node             string
	Port, Management int
	// User and Password are the administrator's, made with the node.
	User, Password string
}

// RabbitMQ is how to run a node, and an epmd (Erlang's port mapper) of its own, which has to start first and end last.
type RabbitMQ struct {
	Epmd, Node process.Command
	// Control runs a command of rabbitmqctl: its arguments are to be added.
	Control process.Command
	// URL is that of AMQP, without a vhost; ManagementURL that of the HTTP API. Both carry the administrator's password.
	URL, ManagementURL string
}

// NewRabbitMQ writes the node's settings. The node itself is made when it first runs.
func NewRabbitMQ(config RabbitMQConfig) (RabbitMQ, error) {
	epmd, err := findEpmd()
	if err != nil {
		return RabbitMQ{}, err
	}
	node, err := findRabbitMQ("rabbitmq-server")
	if err != nil {
		return RabbitMQ{}, err
	}
	control, err := findRabbitMQ("rabbitmqctl")
	if err != nil {
		return RabbitMQ{}, err
	}
	env, err := writeRabbitMQ(config)
	if err != nil {
		return RabbitMQ{}, err
	}
	who := url.UserPassword(config.User, config.Password)
	amqp := url.URL{Scheme: "amqp", User: who, Host: fmt.Sprintf("127.0.0.1:%d", config.Port), Path: "/"}
	management := url.URL{Scheme: "http", User: who, Host: fmt.Sprintf("127.0.0.1:%d", config.Management)}
	return RabbitMQ{
		Epmd:    process.Command{Name: "epmd", Path: epmd, Env: env, Dir: config.Dir, Log: config.Log},
		Node:    process.Command{Name: "rabbitmq", Path: node, Env: env, Dir: config.Dir, Log: config.Log},
		Control: process.Command{Name: "rabbitmqctl", Path: control, Env: env, Dir: config.Dir},
		URL:     amqp.String(), ManagementURL: management.String(),
	}, nil
}

// PingRabbitMQ tells whether a node takes connections, the last that it does when it starts, as its management API says.
func PingRabbitMQ(ctx context.Context, managementURL string) error {
	return ping(ctx, managementURL+"/api/health/checks/protocol-listener/amqp")
}

// PingManagement tells whether a node's management API answers.
func PingManagement(ctx context.Context, managementURL string) error {
	return ping(ctx, managementURL+"/api/overview")
}

func ping(ctx context.Context, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return fmt.Errorf("ask RabbitMQ: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask RabbitMQ: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("ask RabbitMQ: management API answers %s", response.Status)
	}
	return nil
}

// findEpmd looks on the PATH and beside Erlang's other programs.
func findEpmd() (string, error) {
	if path, err := exec.LookPath("epmd"); err == nil {
		return path, nil
	}
	if found, _ := filepath.Glob("/usr/lib/erlang/erts-*/bin/epmd"); len(found) > 0 {
		return found[len(found)-1], nil
	}
	return "", errors.New("find epmd: Erlang is not installed; stack/install.sh installs it")
}

// findRabbitMQ looks for one of RabbitMQ's programs itself: those in Debian's /usr/sbin are wrappers that change the user.
func findRabbitMQ(program string) (string, error) {
	if path := filepath.Join("/usr/lib/rabbitmq/bin", program); exists(path) {
		return path, nil
	}
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	return "", errors.New("find RabbitMQ: it is not installed; stack/install.sh installs it")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// writeRabbitMQ writes the node's settings and answers the environment that makes it heed those and no others.
func writeRabbitMQ(config RabbitMQConfig) ([]string, error) {
	for _, dir := range []string{config.Dir, filepath.Join(config.Dir, "home"), filepath.Join(config.Dir, "data"), filepath.Join(config.Dir, "log")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make node: %w", err)
		}
	}
	settings := fmt.Sprintf(`listeners.tcp.1 = 127.0.0.1:%d
management.tcp.ip = 127.0.0.1
management.tcp.port = %d
default_user = %s
default_pass = %s
default_user_tags.administrator = true
# Write-ahead logs are kept in memory too; the default of 512 MiB is for bigger machines.
raft.wal_max_size_bytes = 67108864
`, config.Port, config.Management, config.User, config.Password)
	files := map[string]string{"rabbitmq.conf": settings, "enabled_plugins": "[rabbitmq_management].\n", "env.conf": ""}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(config.Dir, name), []byte(content), 0o600); err != nil {
			return nil, fmt.Errorf("make node: %w", err)
		}
	}
	return rabbitMQEnv(config)
}

func rabbitMQEnv(config RabbitMQConfig) ([]string, error) {
	dist, err := FreePort()
	if err != nil {
		return nil, err
	}
	mapper, err := FreePort()
	if err != nil {
		return nil, err
	}
	in := func(name string) string { return filepath.Join(config.Dir, name) }
	// Schedulers that have nothing to do sleep at once: they would wait busily for what others want the processors for. There are half as
	// many as processors, because others use these too: to wake one another for a message that comes alone took a quarter of its time.
	idle := "+sbwt none +sbwtdcpu none +sbwtdio none"
	schedulers := max(1, min(runtime.NumCPU()/2, 4))
	return append(
		basicEnv(in("home")),
		"RABBITMQ_NODENAME="+config.Node+"@localhost",
		"RABBITMQ_MNESIA_BASE="+in("data"),
		"RABBITMQ_LOG_BASE="+in("log"),
		"RABBITMQ_LOGS=-",
		"RABBITMQ_CONF_ENV_FILE="+in("env.conf"),
		"RABBITMQ_CONFIG_FILE="+in("rabbitmq.conf"),
		"RABBITMQ_ADVANCED_CONFIG_FILE="+in("advanced.config"),
		"RABBITMQ_ENABLED_PLUGINS_FILE="+in("enabled_plugins"),
		"RABBITMQ_GENERATED_CONFIG_DIR="+in("data/config"),
		"RABBITMQ_PID_FILE="+in("pid"),
		fmt.Sprintf("RABBITMQ_DIST_PORT=%d", dist),
		fmt.Sprintf("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1} +S %d:%d %s", schedulers, schedulers, idle),
		fmt.Sprintf("ERL_EPMD_PORT=%d", mapper),
		"ERL_EPMD_ADDRESS=127.0.0.1",
		"ERL_CRASH_DUMP_SECONDS=0",
		// The start script then becomes the node instead of being its parent, and signals reach the node.
		"RUNNING_UNDER_SYSTEMD=true",
	), nil
}
