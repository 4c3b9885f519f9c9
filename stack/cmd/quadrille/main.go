// Quadrille runs the whole system on one machine.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"quadrille.dev/stack/internal/seed"
)

const usage = `Quadrille runs the whole system on one machine.

usage: quadrille <command>

  up                  start everything and keep it running until Ctrl-C
  down                stop what runs in another terminal, or was left behind
  reset               stop it, and forget all data
  seed <gateway URL>  fill the shop behind a gateway with products, prices and stock
  deployment <dir>    write the files that docker-compose.yml mounts
  contracts describe|check|release <clone>
                      write the AsyncAPI document and page, hold the contracts against the released ones, release them
  documents <file> <dir…>
                      write the manifest of the documents in directories, which a gateway may be told to trust
  import <file.csv>   trade a file of a real shop through the API of what runs
  parked <command>    see to messages that a context cannot handle: list, show, retry, discard
  replay …            build again what a context keeps of others' facts: --context <name> --from <day>
  backup <dir>        write the databases of the running stack into a directory
  restore <dir>       stop it, and bring the databases back, or some: --contexts billing,ordering <dir>
  exec -- <command…>  run a command with a PostgreSQL and a RabbitMQ of its own, for tests
`

// exitError is an exit code about which everything has been said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func main() {
	ends := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	err := run(ctx, os.Args[1:])
	stop()
	var code exitError
	switch {
	case errors.As(err, &code):
		os.Exit(int(code))
	case err != nil:
		fmt.Fprintln(os.Stderr, "quadrille:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage)
		return exitError(2)
	}
	switch args[0] {
	case "up":
		return up(ctx)
	case "down":
		return down(ctx)
	case "reset":
		return reset(ctx)
	case "seed":
		return fill(ctx, args[1:])
	case "deployment":
		return deployment(args[1:])
	case "documents":
		return writeDocuments(args[1:])
	case "contracts":
		return keepContracts(args[1:])
	case "import":
		return trade(ctx, args[1:])
	case "parked":
		return seeToParked(ctx, args[1:])
	case "backup":
		return backUp(ctx, args[1:])
	case "restore":
		return restore(ctx, args[1:])
	case "replay":
		return replay(ctx, args[1:])
	case "exec":
		return execute(ctx, args[1:])
	case "help", "-h", "--help":
		fmt.Print(usage)
		return nil
	default:
		fmt.Fprintf(os.Stderr, "quadrille: no command %q\n\n%s", args[0], usage)
		return exitError(2)
	}
}

// fill seeds the shop behind the gateway that is named.
func fill(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("seed: name the gateway's URL")
	}
	return seed.Seed(ctx, args[0])
}
