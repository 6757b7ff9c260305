package broker

import (
	"io"
	"net/http"
	"net/url"
	"strings"
)

// WebexHosts are Webex's own domains; their subdomains count too.
var WebexHosts = []string{"webexapis.com", "webex.com", "wbx2.com"}

// A Transport sends the grant's token to Webex and to no other host. Webex's 401 is reported to the broker, and the
// request is sent once more if that gives another token. A request without GetBody is not sent again.
//
//	client := &http.Client{Transport: &broker.Transport{Broker: b, App: "reports", Subject: org}}
type Transport struct {
	Broker  *Broker
	App     string
	Subject string
	// Hosts may see the token, with all hosts below them; WebexHosts by default.
	Hosts []string
	// Base sends the requests; http.DefaultTransport by default.
	Base http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if !t.maySeeToken(request.URL) {
		return t.base().RoundTrip(request)
	}
	token, err := t.Broker.Token(request.Context(), t.App, t.Subject)
	if err != nil {
		closeBody(request.Body)
		return nil, err
	}
	response, err := t.send(request, request.Body, token)
	if err != nil || response.StatusCode != http.StatusUnauthorized {
		return response, err
	}
	renewed, err := t.Broker.Rejected(request.Context(), t.App, t.Subject, token)
	if err != nil {
		closeBody(response.Body)
		return nil, err
	}
	body, ok := bodyAgain(request)
	if renewed.value == token.value || !ok {
		closeBody(body)
		return response, nil
	}
	// So that the connection can be used again.
	_, _ = io.CopyN(io.Discard, response.Body, longest)
	closeBody(response.Body)
	return t.send(request, body, renewed)
}

// send sends a copy, because a RoundTripper must not change the request.
func (t *Transport) send(request *http.Request, body io.ReadCloser, token Token) (*http.Response, error) {
	sent := request.Clone(request.Context())
	sent.Body = body
	sent.Header.Set("Authorization", "Bearer "+token.value)
	return t.base().RoundTrip(sent)
}

func (t *Transport) base() http.RoundTripper {
	if t.Base != nil {
		return t.Base
	}
	return http.DefaultTransport
}

// maySeeToken says whether the address is one of the hosts or below it, over https; over http on this machine only.
func (t *Transport) maySeeToken(address *url.URL) bool {
	hosts := t.Hosts
	if hosts == nil {
		hosts = WebexHosts
	}
	host := strings.ToLower(address.Hostname())
	isLocal := host == "127.0.0.1" || host == "::1" || host == "localhost"
	if address.Scheme != "https" && !isLocal {
		return false
	}
	for _, allowed := range hosts {
		if host == allowed || strings.HasSuffix(host, "."+allowed) {
			return true
		}
	}
	return false
}

// bodyAgain is the body of the request from its start, if it can be had.
func bodyAgain(request *http.Request) (io.ReadCloser, bool) {
	if request.Body == nil || request.Body == http.NoBody {
		return nil, true
	}
	if request.GetBody == nil {
		return nil, false
	}
	body, err := request.GetBody()
	return body, err == nil
}

func closeBody(body io.Closer) {
	if body != nil {
		_ = body.Close()
	}
}
