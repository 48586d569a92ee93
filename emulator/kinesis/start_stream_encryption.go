package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// StartStreamEncryption: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StartStreamEncryption.html
// Kept: the key's name in descriptions, EncryptionType KMS in answers to puts and on the records put from then on; UPDATING for Options.CreateDelay.
// Left out: nothing is really encrypted, any key will do; 25 calls a day.

// StreamEncryptionInput is what StartStreamEncryption and StopStreamEncryption take.
type StreamEncryptionInput struct {
	Target
	EncryptionType string
	KeyId          string //nolint:revive // the wire's name
}

const (
	encryptionNone = "NONE"
	encryptionKMS  = "KMS"
)

func (s *Service) startStreamEncryption(scope wire.Scope, in *StreamEncryptionInput) (*wire.Nothing, error) {
	return s.setEncryption(scope, in, in.KeyId)
}

func (s *Service) setEncryption(scope wire.Scope, in *StreamEncryptionInput, keyID string) (*wire.Nothing, error) {
	if in.EncryptionType != encryptionKMS {
		return nil, wire.Errorf("InvalidArgumentException", "EncryptionType must be %s, not %s.", encryptionKMS, in.EncryptionType)
	}
	now := s.now()
	st, err := s.lockActive(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	st.keyID = keyID
	st.change(statusUpdating, now, s.options.CreateDelay)
	return nil, s.keep(st)
}

// describeEncryption is what descriptions say.
func (st *stream) describeEncryption() string {
	if st.keyID == "" {
		return encryptionNone
	}
	return encryptionKMS
}

// encryptionType is what answers to puts say, which is nothing while the stream is unencrypted.
func (st *stream) encryptionType() string {
	if st.keyID == "" {
		return ""
	}
	return encryptionKMS
}
