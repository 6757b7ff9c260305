package broker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	broker "webex-token-broker.example/broker"
)

// The table of cases that all clients share: shared/clients/cases.json.
type table struct {
	Cases []struct {
		Name   string
		Client struct {
			Base     string
			Identity string
			MinTTL   int `json:"min_ttl"`
			MaxWait  int `json:"max_wait"`
		}
		Steps []step
	}
}

type step struct {
	Do           string
	Advance      int64
	Subject      *string
	Of           string
	MinTTL       *int `json:"min_ttl"`
	Times        int
	Concurrently int
	Host         string
	Body         string
	Stream       string
	Broker       []answer
	Webex        []answer
	Sees         []string
	Gives        map[string]any
	Clock        int64
}

// run is one case of the table against the stubs.
type run struct {
	t      *testing.T
	stubs  *stubs
	clock  *manualClock
	broker *broker.Broker
	mutex  sync.Mutex
	tokens map[string]broker.Token
}

func TestTable(t *testing.T) {
	text, err := os.ReadFile("../cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases table
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases.Cases {
		t.Run(c.Name, func(t *testing.T) {
			r := &run{t: t, stubs: newStubs(t), clock: &manualClock{seconds: 1_000_000}, tokens: map[string]broker.Token{}}
			options := broker.Options{
				MinTTL:  time.Duration(c.Client.MinTTL) * time.Second,
				MaxWait: time.Duration(c.Client.MaxWait) * time.Second,
				// net/http sends a GET again if the server closes a connection that was used before.
				Transport: &http.Transport{DisableKeepAlives: true},
				Now:       r.clock.now,
				Sleep: func(_ context.Context, d time.Duration) error {
					r.clock.advance(int64(d / time.Second))
					return nil
				},
			}
			r.broker, err = broker.New(r.stubs.broker.URL+c.Client.Base, identity(c.Client.Identity), options)
			if err != nil {
				t.Fatal(err)
			}
			for number, s := range c.Steps {
				r.step(number, s)
			}
		})
	}
}

func identity(name string) broker.Identity {
	switch name {
	case "fails":
		return broker.IdentityToken(func(context.Context) (string, error) {
			return "", errors.New("no identity token here")
		})
	case "is empty":
		return broker.StaticToken("\n")
	default:
		return broker.StaticToken("identity")
	}
}

func (r *run) step(number int, s step) {
	r.clock.advance(s.Advance)
	if s.Do == "" {
		return
	}
	r.stubs.expect(s)
	for _, result := range r.results(s) {
		for field, wanted := range s.Gives {
			if got := result[field]; !reflect.DeepEqual(got, wanted) {
				r.t.Errorf("step %d: %s is %v, not %v: %v", number, field, got, wanted, result)
			}
		}
	}
	if seen := r.stubs.requests(); !reflect.DeepEqual(seen, s.Sees) {
		r.t.Errorf("step %d: the stubs saw %q, not %q", number, seen, s.Sees)
	}
	if now := r.clock.now().Unix(); s.Clock != 0 && now != s.Clock {
		r.t.Errorf("step %d: the clock is at %d, not %d", number, now, s.Clock)
	}
}

func (r *run) results(s step) []map[string]any {
	var results []map[string]any
	if s.Concurrently == 0 {
		for time := 0; time == 0 || time < s.Times; time++ {
			results = append(results, r.attempt(context.Background(), s))
		}
		return results
	}
	waiting := newGate(s.Concurrently)
	r.stubs.gate = waiting.wait
	var group sync.WaitGroup
	for caller := 0; caller < s.Concurrently; caller++ {
		group.Add(1)
		go func() {
			defer group.Done()
			result := r.attempt(waiting.context(), s)
			r.mutex.Lock()
			defer r.mutex.Unlock()
			results = append(results, result)
		}()
	}
	group.Wait()
	return results
}

func (r *run) attempt(ctx context.Context, s step) map[string]any {
	if s.Do == "fetch" {
		return r.fetch(s)
	}
	subject := "acme"
	if s.Subject != nil {
		subject = *s.Subject
	}
	token, err := r.ask(ctx, s, subject)
	if err != nil {
		return describe(err)
	}
	if shown := fmt.Sprintf("%v %+v %#v", token, token, token); strings.Contains(shown, token.Value()) {
		r.t.Errorf("the token is shown: %s", shown)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.tokens[token.Value()] = token
	return map[string]any{"token": token.Value()}
}

func (r *run) ask(ctx context.Context, s step, subject string) (broker.Token, error) {
	switch {
	case s.Do == "rejected":
		r.mutex.Lock()
		token := r.tokens[s.Of]
		r.mutex.Unlock()
		return r.broker.Rejected(ctx, "reports", subject, token)
	case s.MinTTL != nil:
		return r.broker.TokenFor(ctx, "reports", subject, time.Duration(*s.MinTTL)*time.Second)
	default:
		return r.broker.Token(ctx, "reports", subject)
	}
}

func (r *run) fetch(s step) map[string]any {
	transport := &broker.Transport{Broker: r.broker, App: "reports", Subject: "acme", Hosts: []string{"127.0.0.1"}}
	url := r.stubs.webex.URL + "/v1/people/me"
	if s.Host != "" {
		url = strings.Replace(url, "127.0.0.1", s.Host, 1)
	}
	var request *http.Request
	switch {
	case s.Stream != "":
		request, _ = http.NewRequest(http.MethodPost, url, io.NopCloser(strings.NewReader(s.Stream)))
	case s.Body != "":
		request, _ = http.NewRequest(http.MethodPost, url, strings.NewReader(s.Body))
	default:
		request, _ = http.NewRequest(http.MethodGet, url, nil)
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return describe(err)
	}
	response.Body.Close()
	return map[string]any{"status": float64(response.StatusCode)}
}

// describe gives an error the names of the table.
func describe(err error) map[string]any {
	var refused *broker.Refused
	var unexpected *broker.UnexpectedAnswer
	switch {
	case errors.As(err, &refused):
		fields := map[string]any{"error": "refused", "status": float64(refused.Status), "kind": refused.Type}
		fields["detail"] = refused.Detail
		fields["tracking_id"] = refused.TrackingID
		if refused.RetryAfter != 0 {
			fields["retry_after"] = refused.RetryAfter.Seconds()
		}
		return fields
	case errors.As(err, &unexpected):
		return map[string]any{"error": "unexpected", "status": float64(unexpected.Status), "message": unexpected.Message}
	case errors.Is(err, broker.ErrAddress):
		return map[string]any{"error": "address"}
	case errors.Is(err, broker.ErrIdentity):
		return map[string]any{"error": "identity"}
	case errors.Is(err, broker.ErrUnreachable):
		return map[string]any{"error": "unreachable"}
	default:
		return map[string]any{"error": err.Error()}
	}
}

// gate opens when each of some callers waits: a caller that waits asks its context whether it is done.
type gate struct {
	mutex  sync.Mutex
	left   int
	opened chan struct{}
}

func newGate(callers int) *gate { return &gate{left: callers, opened: make(chan struct{})} }

func (g *gate) wait() { <-g.opened }

func (g *gate) context() context.Context { return &waiter{Context: context.Background(), gate: g} }

type waiter struct {
	context.Context
	gate *gate
	once sync.Once
}

func (w *waiter) Done() <-chan struct{} {
	w.once.Do(func() {
		w.gate.mutex.Lock()
		defer w.gate.mutex.Unlock()
		if w.gate.left--; w.gate.left == 0 {
			close(w.gate.opened)
		}
	})
	return nil
}
