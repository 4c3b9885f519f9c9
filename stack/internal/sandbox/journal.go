// Package sandbox is what the stand-ins for the outside world share: a journal that survives a kill, and an HTTP server.
package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// ErrClosed answers what is appended after Close, or after the disk has failed.
var ErrClosed = errors.New("journal closed")

// Journal is an append-only file of JSON lines. What was appended is on the disk, and is read back after a kill at any moment.
// Concurrent appends share one fsync.
type Journal[R any] struct {
	file    *os.File
	appends chan appending
	closing chan struct{}
	done    chan struct{}
}

type appending struct {
	line   []byte
	result chan error
}

// OpenJournal opens or makes the file and hands every record in it to replay, in order. A last line that a kill tore apart was
// never acknowledged and is cut off.
func OpenJournal[R any](path string, replay func(R)) (*Journal[R], error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := readBack(file, replay); err != nil {
		return nil, errors.Join(fmt.Errorf("read journal %s: %w", path, err), file.Close())
	}
	j := &Journal[R]{file: file, appends: make(chan appending), closing: make(chan struct{}), done: make(chan struct{})}
	go j.write()
	return j, nil
}

func readBack[R any](file *os.File, replay func(R)) error {
	var whole int64
	lines := bufio.NewReader(file)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		var record R
		if err := json.Unmarshal(line, &record); err != nil {
			return fmt.Errorf("at byte %d: %w", whole, err)
		}
		replay(record)
		whole += int64(len(line))
	}
	if err := file.Truncate(whole); err != nil {
		return err
	}
	if _, err := file.Seek(whole, io.SeekStart); err != nil {
		return err
	}
	return file.Sync()
}

// Append returns when the record is on the disk. After an error it is unknown whether it is, and the journal takes no more.
func (j *Journal[R]) Append(record R) error {
	line, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("append to journal: %w", err)
	}
	a := appending{line: append(line, '\n'), result: make(chan error, 1)}
	select {
	case j.appends <- a:
	case <-j.done:
		return ErrClosed
	}
	return <-a.result
}

// write gathers what waits while the disk is busy, so that the next fsync is for all of it.
func (j *Journal[R]) write() {
	defer close(j.done)
	for {
		select {
		case first := <-j.appends:
			if j.flush(j.gather(first)) != nil {
				return
			}
		case <-j.closing:
			return
		}
	}
}

func (j *Journal[R]) gather(first appending) []appending {
	group := []appending{first}
	for {
		select {
		case next := <-j.appends:
			group = append(group, next)
		default:
			return group
		}
	}
}

func (j *Journal[R]) flush(group []appending) error {
	var lines bytes.Buffer
	for _, a := range group {
		lines.Write(a.line)
	}
	_, err := j.file.Write(lines.Bytes())
	if err == nil {
		err = j.file.Sync()
	}
	for _, a := range group {
		a.result <- err
	}
	return err
}

// Close ends the journal; appends that have not begun answer ErrClosed.
func (j *Journal[R]) Close() error {
	close(j.closing)
	<-j.done
	return j.file.Close()
}
