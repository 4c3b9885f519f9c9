package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"quadrille.dev/stack/internal/home"
	"quadrille.dev/stack/local"
)

// leftoverPatience is how long a program that was left behind may take to end before it is killed.
const leftoverPatience = 20 * time.Second

// down stops the stack of the present clone.
func down(ctx context.Context) error {
	h, err := findHome()
	if err != nil {
		return err
	}
	unlock, err := stopAndLock(ctx, h)
	if err != nil {
		return err
	}
	unlock()
	return nil
}

// stopAndLock stops whatever runs and makes this process the one that may.
func stopAndLock(ctx context.Context, h *home.Home) (unlock func(), err error) {
	unlock, err = h.Lock()
	if errors.Is(err, home.ErrTaken) {
		if unlock, err = askToStop(ctx, h); err == nil {
			fmt.Println("stopped")
		}
	}
	if err != nil {
		return nil, err
	}
	ended, err := h.StopLeftover(leftoverPatience)
	if err != nil {
		unlock()
		return nil, err
	}
	if len(ended) > 0 {
		fmt.Println("stopped what was left behind:", strings.Join(ended, ", "))
	}
	return unlock, nil
}

// askToStop has the process that runs the stack stop it, and waits until it has.
func askToStop(ctx context.Context, h *home.Home) (unlock func(), err error) {
	running, err := h.Running()
	if err != nil {
		return nil, err
	}
	if running != nil {
		fmt.Println("stopping process", running.Supervisor.PID)
		if err := running.Supervisor.Signal(syscall.SIGTERM); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		unlock, err := h.Lock()
		if !errors.Is(err, home.ErrTaken) {
			return unlock, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("stop the stack: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// reset stops the stack and forgets its data, also on servers that the environment names.
func reset(ctx context.Context) error {
	h, err := findHome()
	if err != nil {
		return err
	}
	unlock, err := stopAndLock(ctx, h)
	if err != nil {
		return err
	}
	defer unlock()
	if err := forgetForeign(ctx); err != nil {
		return err
	}
	if err := h.Forget(); err != nil {
		return err
	}
	fmt.Println("all data is forgotten")
	return nil
}

func forgetForeign(ctx context.Context) error {
	config := local.Config{
		PostgresURL: os.Getenv("DATABASE_URL"), AMQPURL: os.Getenv("AMQP_URL"), Prefix: foreignPrefix, VHost: vhost,
	}
	if config.AMQPURL != "" {
		var err error
		if config.ManagementURL, err = managementURL(config.AMQPURL, os.Getenv("RABBITMQ_MANAGEMENT_URL")); err != nil {
			return err
		}
	}
	return local.Forget(ctx, config)
}
