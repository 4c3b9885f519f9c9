package acl

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Issuer is somebody outside who signs tokens.
type Issuer struct {
	// Name is what its tokens say by iss.
	Name string
	// KeysURL is where its key set is.
	KeysURL string
	// Audience is what its tokens for us say by aud.
	Audience string
}

// Issuers are written as "name keys-url audience", separated by commas.
type Issuers []Issuer

// UnmarshalText reads issuers from the environment.
func (i *Issuers) UnmarshalText(text []byte) error {
	var read Issuers
	for entry := range strings.SplitSeq(string(text), ",") {
		parts := strings.Fields(entry)
		if len(parts) == 0 {
			continue
		}
		if len(parts) != 3 {
			return fmt.Errorf("%q is not name, key set and audience", entry)
		}
		read = append(read, Issuer{parts[0], parts[1], parts[2]})
	}
	*i = read
	return nil
}

// Validate tells what is wrong with issuers.
func (i Issuers) Validate() error {
	var wrong []error
	names := map[string]bool{}
	for _, issuer := range i {
		if keys, err := url.Parse(issuer.KeysURL); err != nil || keys.Host == "" || (keys.Scheme != "https" && keys.Scheme != "http") {
			wrong = append(wrong, fmt.Errorf("key set of %s: %q is no URL", issuer.Name, issuer.KeysURL))
		}
		if names[issuer.Name] {
			wrong = append(wrong, fmt.Errorf("%s is there twice", issuer.Name))
		}
		names[issuer.Name] = true
	}
	return errors.Join(wrong...)
}
