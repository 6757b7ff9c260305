package broker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	// timeOut is the longest wait for an answer. The broker may have to renew the token first, and takes no longer itself.
	timeOut = 30 * time.Second
	// longest is the longest answer that is read, in bytes.
	longest = 1 << 20
)

var (
	headerSafe = regexp.MustCompile(`^[\x21-\x7e]+$`)
	seconds    = regexp.MustCompile(`^[0-9]{1,9}$`)
)

// vendAPI is the broker's address with the caller's identity.
type vendAPI struct {
	base     string
	identity Identity
	client   *http.Client
	now      func() time.Time
}

func newVendAPI(base string, identity Identity, transport http.RoundTripper, now func() time.Time) (*vendAPI, error) {
	parsed, err := url.Parse(base)
	if err != nil || parsed.Host == "" || parsed.RawQuery != "" || parsed.Fragment != "" ||
		(parsed.Scheme != "http" && parsed.Scheme != "https") {
		return nil, &failed{ErrAddress, fmt.Errorf("%q is not an http or https URL", base)}
	}
	client := &http.Client{
		Transport: transport,
		Timeout:   timeOut,
		// A redirect would send the caller's identity to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &vendAPI{strings.TrimRight(base, "/"), identity, client, now}, nil
}

// get asks for the grant's token with at least minTTL left.
func (v *vendAPI) get(ctx context.Context, app, subject string, minTTL time.Duration) (Token, error) {
	resource := fmt.Sprintf("token?min_ttl=%d", int64(minTTL/time.Second))
	return v.ask(ctx, http.MethodGet, app, subject, resource, nil)
}

// report asks for the token that replaces the one with this SHA-256, which Webex has refused.
func (v *vendAPI) report(ctx context.Context, app, subject, sha256 string) (Token, error) {
	body, err := json.Marshal(map[string]string{"access_token_sha256": sha256})
	if err != nil {
		return Token{}, err
	}
	return v.ask(ctx, http.MethodPost, app, subject, "token/rejected", body)
}

func (v *vendAPI) ask(ctx context.Context, method, app, subject, resource string, body []byte) (Token, error) {
	for _, segment := range []string{app, subject} {
		if segment == "" || segment == "." || segment == ".." {
			return Token{}, &failed{ErrAddress, fmt.Errorf("an app or a subject cannot be %q", segment)}
		}
	}
	address := fmt.Sprintf("%s/v1/apps/%s/grants/%s/%s", v.base, url.PathEscape(app), url.PathEscape(subject), resource)
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return Token{}, &failed{ErrAddress, err}
	}
	headers, err := v.identity.Headers(ctx, method, address, body)
	if err != nil {
		return Token{}, &failed{ErrIdentity, err}
	}
	for name, values := range headers {
		request.Header[name] = values
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	now := v.now()
	response, err := v.client.Do(request)
	if err != nil {
		return Token{}, unreachable(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, longest))
	if err != nil {
		return Token{}, unreachable(err)
	}
	return readAnswer(response, text, now)
}

// unreachable drops the address from the error, which names the grant: the caller knows it.
func unreachable(err error) error {
	var failure *url.Error
	if errors.As(err, &failure) {
		err = failure.Err
	}
	return &failed{ErrUnreachable, err}
}

func readAnswer(response *http.Response, text []byte, now time.Time) (Token, error) {
	if response.StatusCode != http.StatusOK {
		return Token{}, readProblem(response, text)
	}
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   *int64 `json:"expires_in"`
	}
	err := json.Unmarshal(text, &answer)
	if err != nil || !headerSafe.MatchString(answer.AccessToken) || answer.ExpiresIn == nil || *answer.ExpiresIn < 0 {
		return Token{}, &UnexpectedAnswer{Status: response.StatusCode}
	}
	return Token{answer.AccessToken, now, now.Add(time.Duration(*answer.ExpiresIn) * time.Second)}, nil
}

func readProblem(response *http.Response, text []byte) error {
	var problem struct {
		Type       string `json:"type"`
		Detail     string `json:"detail"`
		TrackingID string `json:"tracking_id"`
		Message    string `json:"message"` // of AWS, with a capital letter from some services
	}
	if err := json.Unmarshal(text, &problem); err != nil {
		return &UnexpectedAnswer{Status: response.StatusCode}
	}
	if problem.Type == "" || problem.Detail == "" {
		return &UnexpectedAnswer{response.StatusCode, firstLine(problem.Message)}
	}
	refused := &Refused{response.StatusCode, problem.Type, problem.Detail, problem.TrackingID, 0}
	// The other form of Retry-After, a date, is ignored.
	if after := strings.TrimSpace(response.Header.Get("Retry-After")); seconds.MatchString(after) {
		count, _ := strconv.Atoi(after)
		refused.RetryAfter = time.Duration(count) * time.Second
	}
	return refused
}

// firstLine is that of AWS's message. The lines below it quote the request with the caller's session token.
func firstLine(message string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(message), "\n")
	if len(line) > 200 {
		line = line[:200]
	}
	return strings.TrimSpace(line)
}
