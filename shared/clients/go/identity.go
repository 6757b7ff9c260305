package broker

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
)

// An Identity identifies the caller to the broker. The package sigv4 has the one for AWS.
type Identity interface {
	// Headers are those that identify the caller of this request.
	Headers(ctx context.Context, method, url string, body []byte) (http.Header, error)
}

// IdentityToken is an Identity by an OIDC identity token. The function is called before each request.
type IdentityToken func(ctx context.Context) (string, error)

// StaticToken is the identity token with this text.
func StaticToken(text string) IdentityToken {
	return func(context.Context) (string, error) { return text, nil }
}

// TokenFile is the identity token in this file, which is read before each request.
func TokenFile(path string) IdentityToken {
	return func(context.Context) (string, error) {
		text, err := os.ReadFile(path)
		return string(text), err
	}
}

// Headers implements Identity.
func (t IdentityToken) Headers(ctx context.Context, _, _ string, _ []byte) (http.Header, error) {
	text, err := t(ctx)
	if err != nil {
		return nil, err
	}
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text, " \t\r\n") {
		return nil, errors.New("the identity token is empty or no token")
	}
	return http.Header{"Authorization": {"Bearer " + text}}, nil
}
