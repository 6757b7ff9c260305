package main

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"testing"
)

// standIn leads requests for Webex to another address.
type standIn struct {
	http.RoundTripper
	address *url.URL
}

func (s *standIn) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Host == "webexapis.com" {
		request = request.Clone(request.Context())
		request.URL.Scheme, request.URL.Host, request.Host = s.address.Scheme, s.address.Host, ""
	}
	return s.RoundTripper.RoundTrip(request)
}

func TestExampleAgainstTheAddressesInTheEnvironment(t *testing.T) {
	if os.Getenv("VEND_URL") == "" {
		t.Skip("the journeys set VEND_URL and WEBEX_API_BASE")
	}
	address, err := url.Parse(os.Getenv("WEBEX_API_BASE"))
	if err != nil {
		t.Fatal(err)
	}
	http.DefaultTransport = &standIn{http.DefaultTransport, address}
	if err := run(context.Background()); err != nil {
		t.Fatal(err)
	}
}
