package broker_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// answer is one of the table's.
type answer struct {
	Token      string            `json:"token"`
	ExpiresIn  int               `json:"expires_in"`
	Problem    int               `json:"problem"`
	Detail     string            `json:"detail"`
	TrackingID string            `json:"tracking_id"`
	RetryAfter any               `json:"retry_after"`
	Status     int               `json:"status"`
	Body       string            `json:"body"`
	Headers    map[string]string `json:"headers"`
	close      bool
}

func (a *answer) UnmarshalJSON(text []byte) error {
	type plain answer
	a.close = string(text) == `"close"`
	if a.close {
		return nil
	}
	return json.Unmarshal(text, (*plain)(a))
}

// stubs are vend and Webex, with one list of the requests that they saw.
type stubs struct {
	mutex   sync.Mutex
	answers map[string][]answer
	seen    []string
	tokens  map[string]string
	gate    func()
	broker  *httptest.Server
	webex   *httptest.Server
}

func newStubs(t *testing.T) *stubs {
	s := &stubs{answers: map[string][]answer{}, tokens: map[string]string{}, gate: func() {}}
	start := func(name string) *httptest.Server {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.handle(name, w, r)
		}))
		t.Cleanup(server.Close)
		return server
	}
	s.broker = start("broker")
	s.webex = start("webex")
	return s
}

// expect queues the answers of a step and forgets the requests of the last one.
func (s *stubs) expect(next step) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.seen = []string{}
	s.answers["broker"] = append(s.answers["broker"], next.Broker...)
	s.answers["webex"] = append(s.answers["webex"], next.Webex...)
}

func (s *stubs) requests() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.seen
}

func (s *stubs) handle(name string, w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	next := s.take(name, r, body)
	if name == "broker" {
		s.gate()
	}
	if next.close {
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Close()
		return
	}
	status, text := s.compose(next, w.Header())
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

func (s *stubs) take(name string, r *http.Request, body []byte) answer {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	describe := s.describeWebex
	if name == "broker" {
		describe = s.describeVend
	}
	s.seen = append(s.seen, describe(r, body))
	if len(s.answers[name]) == 0 {
		return answer{Status: 599, Body: "no answer is queued"}
	}
	next := s.answers[name][0]
	s.answers[name] = s.answers[name][1:]
	if next.Token != "" {
		sum := sha256.Sum256([]byte(next.Token))
		s.tokens[hex.EncodeToString(sum[:])] = next.Token
	}
	return next
}

func (s *stubs) describeVend(r *http.Request, body []byte) string {
	line := r.Method + " " + r.URL.RequestURI()
	if r.Header.Get("Authorization") != "Bearer identity" {
		line += " without the identity"
	}
	if len(body) > 0 {
		var report map[string]string
		_ = json.Unmarshal(body, &report)
		line += " of " + s.tokens[report["access_token_sha256"]]
	}
	return line
}

func (s *stubs) describeWebex(r *http.Request, body []byte) string {
	line := "webex " + r.Method + " " + r.URL.RequestURI() + " without a token"
	if token := r.Header.Get("Authorization"); token != "" {
		line = strings.Replace(line, "without a token", "with "+strings.TrimPrefix(token, "Bearer "), 1)
	}
	if len(body) > 0 {
		line += ": " + string(body)
	}
	return line
}

func (s *stubs) compose(a answer, headers http.Header) (int, string) {
	_, port, _ := net.SplitHostPort(s.webex.Listener.Addr().String())
	for name, value := range a.Headers {
		headers.Set(name, strings.ReplaceAll(value, "WEBEX_PORT", port))
	}
	switch {
	case a.Token != "":
		return 200, fmt.Sprintf(`{"access_token":%s,"expires_in":%d,"more":1}`, strconv.Quote(a.Token), a.ExpiresIn)
	case a.Problem != 0:
		if a.RetryAfter != nil {
			headers.Set("Retry-After", fmt.Sprint(a.RetryAfter))
		}
		document := map[string]any{"type": "urn:webex-token-broker:problem:test", "title": "t", "status": a.Problem}
		document["detail"] = a.Detail
		if a.TrackingID != "" {
			document["tracking_id"] = a.TrackingID
		}
		text, _ := json.Marshal(document)
		return a.Problem, string(text)
	default:
		return a.Status, a.Body
	}
}

// manualClock moves by hand.
type manualClock struct {
	mutex   sync.Mutex
	seconds int64
}

func (c *manualClock) now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return time.Unix(c.seconds, 0)
}

func (c *manualClock) advance(seconds int64) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.seconds += seconds
}
