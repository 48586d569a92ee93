package delivery

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Claim says what follows the position that it is filed under (ClaimKey): the batch from First to End, both included, and the object that
// holds it. It is written once and never changed. Key, Format and Compression are part of it because workers with other settings must
// write the very same object.
type Claim struct {
	First       Position `json:"first"`
	End         Position `json:"end"`
	Key         string   `json:"key"`
	Format      string   `json:"format"`
	Compression string   `json:"compression"`
}

// Encode returns the claim's content.
func (c Claim) Encode() ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	b, err := json.Marshal(c)
	return append(b, '\n'), err
}

// ParseClaim reads and checks a claim's content.
func ParseClaim(b []byte) (Claim, error) {
	var c Claim
	if err := json.Unmarshal(b, &c); err != nil {
		return Claim{}, fmt.Errorf("claim: %w", err)
	}
	if err := c.check(); err != nil {
		return Claim{}, fmt.Errorf("claim: %w", err)
	}
	return c, nil
}

func (c Claim) check() error {
	if err := c.First.Check(); err != nil {
		return fmt.Errorf("first: %w", err)
	}
	if err := c.End.Check(); err != nil {
		return fmt.Errorf("end: %w", err)
	}
	if c.First.Compare(c.End) > 0 {
		return fmt.Errorf("first %s lies after end %s", c.First, c.End)
	}
	if c.Key == "" || len(c.Key) > maxKey || !IsData(c.Key) {
		return errors.New("its key cannot name a data object")
	}
	if err := CheckFormat(c.Format); err != nil {
		return err
	}
	return CheckCompression(c.Compression)
}
