// Package broker gets Webex access tokens from a webex-token-broker.
//
//	identity, err := sigv4.Default(ctx, url)
//	b, err := broker.New(url, identity, broker.Options{})
//	token, err := b.Token(ctx, "reports", "ce861fba-6e2f-49f9-9a84-b354008fac9e")
//
// The broker keeps a token until shortly before it expires, sends one request for concurrent callers of the same grant,
// and serves a token that still lives while the deployment does not answer. Create one Broker and share it.
package broker
