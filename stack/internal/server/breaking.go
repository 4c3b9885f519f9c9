package server

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net/http"
	"syscall"

	"quadrille.dev/stack/internal/process"
)

// KillPostgres kills the server with SIGKILL and returns when it answers again.
func (f *Fleeting) KillPostgres(ctx context.Context) error {
	if err := f.postgres.Kill(); err != nil {
		return err
	}
	return f.postgres.Await(ctx, math.MaxInt, func(ctx context.Context) error { return PingPostgres(ctx, f.PostgresURL) })
}

// FreezeRabbitMQ stops the node where it is: it keeps its connections, and neither reads nor answers.
func (f *Fleeting) FreezeRabbitMQ() error { return f.node.Signal(syscall.SIGSTOP) }

// ThawRabbitMQ lets the node go on.
func (f *Fleeting) ThawRabbitMQ() error { return f.node.Signal(syscall.SIGCONT) }

// KillRabbitMQ kills the node with SIGKILL, frozen or not, and returns when it answers again.
func (f *Fleeting) KillRabbitMQ(ctx context.Context) error {
	if err := f.node.Kill(); err != nil {
		return err
	}
	return f.node.Await(ctx, math.MaxInt, func(ctx context.Context) error { return PingRabbitMQ(ctx, f.ManagementURL) })
}

// RaiseDiskAlarm has the node believe that its disk is full, and returns when it takes no more messages.
func (f *Fleeting) RaiseDiskAlarm(ctx context.Context) error {
	return f.limitDisk(ctx, "1000000GB", true)
}

// ClearDiskAlarm ends it, and returns when the node takes messages again.
func (f *Fleeting) ClearDiskAlarm(ctx context.Context) error { return f.limitDisk(ctx, "50MB", false) }

func (f *Fleeting) limitDisk(ctx context.Context, least string, alarm bool) error {
	var output bytes.Buffer
	command := f.rabbit.Control
	command.Args, command.Output = []string{"set_disk_free_limit", least}, &output
	control, err := process.Start(command)
	if err != nil {
		return err
	}
	select {
	case <-control.Done():
	case <-ctx.Done():
		control.Kill()
		return fmt.Errorf("set the disk limit of RabbitMQ: %w", ctx.Err())
	}
	if err := control.Err(); err != nil {
		return fmt.Errorf("set the disk limit of RabbitMQ: %w\n%s", err, output.String())
	}
	return f.node.Await(ctx, math.MaxInt, func(ctx context.Context) error {
		raised, err := alarmRaised(ctx, f.ManagementURL)
		if err == nil && raised != alarm {
			err = fmt.Errorf("the alarm of RabbitMQ is raised: %t", raised)
		}
		return err
	})
}

// alarmRaised tells whether the node refuses messages for want of memory or disk.
func alarmRaised(ctx context.Context, managementURL string) (bool, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, managementURL+"/api/health/checks/local-alarms", http.NoBody)
	if err != nil {
		return false, fmt.Errorf("ask RabbitMQ for alarms: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, fmt.Errorf("ask RabbitMQ for alarms: %w", err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		return false, nil
	case http.StatusServiceUnavailable:
		return true, nil
	default:
		return false, fmt.Errorf("ask RabbitMQ for alarms: %s", response.Status)
	}
}
