package home

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Secrets are the random passwords of one stack, by what they open: "database/ordering". They are made when first asked for.
type Secrets struct {
	mu     sync.Mutex
	values map[string]string
}

// NewSecrets makes an empty set.
func NewSecrets() *Secrets { return &Secrets{values: map[string]string{}} }

// Of is the secret that opens something: 26 letters and digits, safe in URLs and settings as they are.
func (s *Secrets) Of(what string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values[what] == "" {
		s.values[what] = rand.Text()
	}
	return s.values[what]
}

// Secrets reads the stack's secrets; a new stack has none yet.
func (h *Home) Secrets() (*Secrets, error) {
	secrets := NewSecrets()
	text, err := os.ReadFile(h.secretsFile())
	if errors.Is(err, fs.ErrNotExist) {
		return secrets, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &secrets.values)
	}
	if err != nil {
		return nil, fmt.Errorf("read secrets: %w", err)
	}
	return secrets, nil
}

// Keep stores the secrets for this user alone.
func (h *Home) Keep(secrets *Secrets) error {
	secrets.mu.Lock()
	defer secrets.mu.Unlock()
	text, err := json.MarshalIndent(secrets.values, "", "  ")
	if err == nil {
		err = replaceFile(h.secretsFile(), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keep secrets: %w", err)
	}
	return nil
}

func (h *Home) secretsFile() string { return filepath.Join(h.Dir, "secrets.json") }

// replaceFile writes a file for this user alone, whole or not at all.
func replaceFile(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
