package broker

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// A Token is a Webex access token. Printing it does not show it.
type Token struct {
	value      string
	receivedAt time.Time
	// ExpiresAt is the time at which the token expires.
	ExpiresAt time.Time
}

// Value is the text, for the Authorization header of a request to Webex and nothing else.
func (t Token) Value() string { return t.value }

// String names the time at which the token expires.
func (t Token) String() string {
	return "Token(expires " + t.ExpiresAt.UTC().Format(time.RFC3339) + ")"
}

// GoString is what %#v prints.
func (t Token) GoString() string { return t.String() }

// sha256 identifies the token without revealing it.
func (t Token) sha256() string {
	sum := sha256.Sum256([]byte(t.value))
	return hex.EncodeToString(sum[:])
}

// lives says whether more than minTTL is left. A clock that was set back proves nothing.
func (t Token) lives(now time.Time, minTTL time.Duration) bool {
	return !now.Before(t.receivedAt) && t.ExpiresAt.Sub(now) > minTTL
}
