package process

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

func shell(t *testing.T, script string) (*Process, *bytes.Buffer) {
	t.Helper()
	output := &bytes.Buffer{}
	p, err := Start(Command{Name: "shell", Path: "/bin/sh", Args: []string{"-c", script}, Output: output})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p, output
}

func TestAProcessThatEndsSaysHow(t *testing.T) {
	t.Parallel()
	p, output := shell(t, "echo here; exit 3")
	<-p.Done()
	if p.Err() == nil || !strings.Contains(p.Err().Error(), "exit status 3") || output.String() != "here\n" {
		t.Errorf("%v, %q", p.Err(), output)
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Errorf("stopped again: %v", err)
	}
}

// One that does not care for its signal is killed, with the group that it leads.
func TestAProcessThatDoesNotStopIsKilled(t *testing.T) {
	t.Parallel()
	said, says := io.Pipe()
	p, err := Start(Command{
		Name: "shell", Path: "/bin/sh", Args: []string{"-c", "trap '' TERM; echo deaf; sleep 600 & wait; sleep 600"}, Output: says,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	if _, err := said.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := p.Stop(ctx); err == nil || !strings.Contains(err.Error(), "stop shell: killed") {
		t.Errorf("%v", err)
	}
	<-p.Done()
}
