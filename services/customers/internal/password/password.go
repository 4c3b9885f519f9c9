// Package password hashes passwords so that whoever reads the hashes cannot use them.
//
// Algorithm and parameters are those of the OWASP Password Storage Cheat Sheet.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The parameters of new hashes: memory in KiB, passes, lanes.
const (
	memory  = 19 * 1024
	passes  = 2
	lanes   = 1
	saltLen = 16
	hashLen = 32
)

// The most that a stored hash may ask for, so that a damaged one costs no more than a moment.
const (
	maxMemory = 256 * 1024
	maxPasses = 16
)

// ErrUnreadable is the reason when a stored hash is not one.
var ErrUnreadable = errors.New("unreadable password hash")

// Hasher hashes passwords, a few at a time: each takes 19 MiB and some of the processor.
type Hasher struct {
	slots chan struct{}
	decoy hash
}

// NewHasher makes a hasher for so many passwords at a time.
func NewHasher(concurrency int) *Hasher {
	return &Hasher{slots: make(chan struct{}, concurrency), decoy: fresh()}
}

// Hash answers a new hash as a PHC string: "$argon2id$v=19$m=19456,t=2,p=1$salt$hash".
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	made := fresh()
	var err error
	if made.sum, err = h.sum(ctx, made, password); err != nil {
		return "", err
	}
	return made.String(), nil
}

// Verify tells whether a password is the one that stored is the hash of. Without a stored hash it takes as long to say no, so
// that the time tells nothing.
func (h *Hasher) Verify(ctx context.Context, stored, password string) (bool, error) {
	against := h.decoy
	if stored != "" {
		var err error
		if against, err = parse(stored); err != nil {
			return false, err
		}
	}
	sum, err := h.sum(ctx, against, password)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(sum, against.sum) == 1 && stored != "", nil
}

func (h *Hasher) sum(ctx context.Context, with hash, password string) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("hash password: %w", ctx.Err())
	}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(password), with.salt, with.passes, with.memory, with.lanes, uint32(len(with.sum))), nil
}

// hash is a hash with all that it was made with.
type hash struct {
	memory, passes uint32
	lanes          uint8
	salt, sum      []byte
}

func fresh() hash {
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // never fails
	return hash{memory: memory, passes: passes, lanes: lanes, salt: salt, sum: make([]byte, hashLen)}
}

// String is the PHC string.
func (h hash) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.lanes,
		base64.RawStdEncoding.EncodeToString(h.salt), base64.RawStdEncoding.EncodeToString(h.sum))
}

func parse(stored string) (hash, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return hash{}, ErrUnreadable
	}
	var h hash
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.lanes); err != nil {
		return hash{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	var saltErr, sumErr error
	h.salt, saltErr = base64.RawStdEncoding.DecodeString(parts[4])
	h.sum, sumErr = base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(saltErr, sumErr); err != nil {
		return hash{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if h.memory > maxMemory || h.passes > maxPasses || h.passes == 0 || h.lanes == 0 || len(h.sum) < 16 || len(h.salt) < 8 {
		return hash{}, ErrUnreadable
	}
	return h, nil
}
