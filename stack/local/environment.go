package local

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"quadrille.dev/stack/internal/provision"
)

// wiring is what the programs' environments are made from.
type wiring struct {
	// listen is host and port of each program, urls where others find it.
	listen, urls map[string]string
	databases    map[string]string
	brokers      map[string]provision.Access
	// console is where browsers find the RabbitMQ management console.
	console string
	// operatorConsole is where browsers find the operator console.
	operatorConsole string
	// ledger is the path of a program's ledger.
	ledger func(program string) string
	// keys is the path of the file in which a program keeps the keys that verify tokens; nil where no file outlives a program.
	keys func(program string) string
	// secret is a program's secret, by which those whom it calls know it.
	secret func(program string) string
}

// environment is what a program is told of the others.
func (w wiring) environment(p Program) map[string]string {
	env := map[string]string{"LISTEN": w.listen[p.Name], "LOG_FORMAT": "json"}
	if p.Ledger {
		env["LEDGER"] = w.ledger(p.Name)
		return env
	}
	env["SERVICE_CREDENTIAL"] = p.Name + ":" + w.secret(p.Name)
	env["JWKS_URL"] = w.urls["customers"] + "/.well-known/jwks.json"
	if w.keys != nil {
		env["JWKS_CACHE"] = w.keys(p.Name)
	}
	if p.Context {
		env["DATABASE_URL"] = w.databases[p.Name]
		env["RABBITMQ_MANAGEMENT_URL"] = w.brokers[p.Name].ManagementURL
		env["CONSOLE_URL"] = w.operatorConsole
		env["TRUSTED_SERVICES"] = w.trusted(callersOf(p.Name))
	}
	if p.speaks() {
		env["AMQP_URL"] = w.brokers[p.Name].AMQPURL
	}
	if p.Name == "gateway" {
		env["RABBITMQ_CONSOLE_URL"] = w.console
	}
	for _, callee := range p.Calls {
		env[urlVariable(callee)] = w.urls[callee]
	}
	maps.Copy(env, p.Settings)
	return env
}

// share is what a program is told of this machine, which it has not for itself. In a container its limits say so.
func (p Program) share() map[string]string {
	if p.Busy {
		return nil
	}
	return map[string]string{"GOMAXPROCS": strconv.Itoa(max(1, runtime.NumCPU()/4))}
}

// trusted lists callers with the hashes of their secrets.
func (w wiring) trusted(callers []string) string {
	var entries []string
	for _, caller := range callers {
		sum := sha256.Sum256([]byte(w.secret(caller)))
		entries = append(entries, caller+":"+hex.EncodeToString(sum[:]))
	}
	return strings.Join(entries, ",")
}

// merge lays settings over an environment of the form of os.Environ.
func merge(base []string, settings ...map[string]string) []string {
	values := map[string]string{}
	for _, entry := range base {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	for _, layer := range settings {
		maps.Copy(values, layer)
	}
	var merged []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		merged = append(merged, name+"="+values[name])
	}
	return merged
}
