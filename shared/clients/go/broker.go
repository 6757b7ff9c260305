package broker

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// defaultMinTTL is the life below which a token is replaced before it is returned: enough for the longest call to
	// Webex.
	defaultMinTTL = 5 * time.Minute
	// pause is the time for which a broker that failed is not asked again while a token lives.
	pause = 5 * time.Second
	// confirmed is the time for which a token is not reported again after the broker has confirmed that it lives.
	confirmed = time.Minute
)

// Options of a Broker. The zero value is the default.
type Options struct {
	// MinTTL is the life that a token must have left; 5 minutes by default.
	MinTTL time.Duration
	// MaxWait is the longest time that Token waits as Retry-After says; by default it does not wait.
	MaxWait time.Duration
	// Transport sends the requests to the broker; http.DefaultTransport by default.
	Transport http.RoundTripper
	// Now gives the current time, and Sleep waits. For tests.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
}

// A Broker asks vend for tokens and holds them. Create one and share it between goroutines.
type Broker struct {
	api     *vendAPI
	options Options
	mutex   sync.Mutex
	slots   map[grant]*slot
}

type grant struct{ app, subject string }

// New makes a client of the broker at the address base.
func New(base string, identity Identity, options Options) (*Broker, error) {
	if options.MinTTL == 0 {
		options.MinTTL = defaultMinTTL
	}
	if options.Now == nil {
		// Without the monotonic reading, which stands still while a Lambda environment is frozen.
		options.Now = func() time.Time { return time.Now().Round(0) }
	}
	if options.Sleep == nil {
		options.Sleep = sleep
	}
	api, err := newVendAPI(base, identity, options.Transport, options.Now)
	if err != nil {
		return nil, err
	}
	return &Broker{api: api, options: options, slots: map[grant]*slot{}}, nil
}

// Token gives a token for the grant of subject to app with more than MinTTL left; with less only if the broker does not
// answer.
func (b *Broker) Token(ctx context.Context, app, subject string) (Token, error) {
	return b.TokenFor(ctx, app, subject, b.options.MinTTL)
}

// TokenFor is Token with another life that the token must have left.
func (b *Broker) TokenFor(ctx context.Context, app, subject string, minTTL time.Duration) (Token, error) {
	s := b.slot(app, subject)
	seen := s.results.Load()
	deadline := b.options.Now().Add(b.options.MaxWait)
	if err := s.lock(ctx); err != nil {
		return Token{}, err
	}
	defer s.unlock()
	for {
		now := b.options.Now()
		if s.held != nil && s.held.lives(now, minTTL) {
			return *s.held, nil
		}
		err := s.failure.remembered(minTTL, seen, now)
		if err == nil {
			if err = b.fetch(ctx, s, app, subject, minTTL); err == nil {
				return *s.held, nil
			}
		}
		now = b.options.Now()
		if s.held != nil && s.held.lives(now, 0) {
			return *s.held, nil
		}
		wait := retryAfter(err)
		if wait == 0 || now.Add(wait).After(deadline) {
			return Token{}, err
		}
		seen = s.results.Load()
		if err := b.options.Sleep(ctx, wait); err != nil {
			return Token{}, err
		}
	}
}

// Rejected gives the token to use after Webex answered 401 to token. The broker is told once, however many callers report
// the same token. It gives the same token back if Webex confirms that it lives.
func (b *Broker) Rejected(ctx context.Context, app, subject string, token Token) (Token, error) {
	s := b.slot(app, subject)
	seen := s.results.Load()
	if err := s.lock(ctx); err != nil {
		return Token{}, err
	}
	defer s.unlock()
	now := b.options.Now()
	if s.held != nil && s.held.value != token.value && s.held.lives(now, b.options.MinTTL) {
		return *s.held, nil
	}
	if s.report == nil || s.report.rejected != token.value || !s.report.counts(seen, now) {
		if err := b.sendReport(ctx, s, app, subject, token); err != nil {
			return Token{}, err
		}
		now = s.report.at
	}
	if s.report.err != nil {
		return Token{}, again(s.report.err, now, s.report.until)
	}
	return s.report.token, nil
}

// fetch asks for a token and stores the result.
func (b *Broker) fetch(ctx context.Context, s *slot, app, subject string, minTTL time.Duration) error {
	token, err := b.api.get(ctx, app, subject, minTTL)
	switch {
	case err == nil:
		s.store(token)
	case ctx.Err() == nil:
		s.fail(err, minTTL, b.options.Now())
	default:
		// This caller gave up, which says nothing to those who wait for the result.
	}
	return err
}

// sendReport reports a token and stores the result. It returns an error only if the caller gave up.
func (b *Broker) sendReport(ctx context.Context, s *slot, app, subject string, rejected Token) error {
	s.held = nil
	token, err := b.api.report(ctx, app, subject, rejected.sha256())
	if ctx.Err() != nil && err != nil {
		return err
	}
	left := retryAfter(err)
	if err == nil {
		s.store(token)
		left = confirmed
	} else {
		s.results.Add(1)
	}
	now := b.options.Now()
	s.report = &report{rejected.value, token, err, validity{s.results.Load(), now, now.Add(left)}}
	return nil
}

func (b *Broker) slot(app, subject string) *slot {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	key := grant{app, subject}
	if b.slots[key] == nil {
		b.slots[key] = &slot{turn: make(chan struct{}, 1)}
	}
	return b.slots[key]
}

func sleep(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// slot is what is known about one grant.
type slot struct {
	// turn is full during a request to the broker, so that concurrent callers wait for its result instead of asking too.
	turn    chan struct{}
	results atomic.Int64
	held    *Token
	failure *failure
	report  *report
}

func (s *slot) lock(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *slot) unlock() { <-s.turn }

func (s *slot) store(token Token) {
	s.results.Add(1)
	s.held = &token
	s.failure = nil
}

func (s *slot) fail(err error, minTTL time.Duration, now time.Time) {
	if !leavesGrantUnknown(err) {
		s.held = nil
	}
	left := retryAfter(err)
	if left == 0 && s.held != nil && s.held.lives(now, 0) {
		left = pause
	}
	s.failure = &failure{err, minTTL, validity{s.results.Add(1), now, now.Add(left)}}
}

// validity says for which callers a result counts, and how long.
type validity struct {
	number    int64
	at, until time.Time
}

// counts says whether a result came while the caller waited, or still holds.
func (v validity) counts(seen int64, now time.Time) bool {
	return v.number > seen || (!now.Before(v.at) && now.Before(v.until))
}

// failure says why the last request failed.
type failure struct {
	err    error
	minTTL time.Duration
	validity
}

// remembered is the error of the last request, if this caller need not ask again. It counts for those who want as much
// life.
func (f *failure) remembered(minTTL time.Duration, seen int64, now time.Time) error {
	if f == nil || f.minTTL > minTTL || !f.counts(seen, now) {
		return nil
	}
	return again(f.err, now, f.until)
}

// report is the result of reporting a token.
type report struct {
	rejected string
	token    Token
	err      error
	validity
}
