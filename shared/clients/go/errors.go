package broker

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrAddress means that the broker's address is not an http or https URL, or that an app or a subject cannot stand
	// in one.
	ErrAddress = errors.New("not an address of a broker or of a grant")
	// ErrIdentity means that the request could not be authorised: no AWS credentials, or no identity token.
	ErrIdentity = errors.New("cannot authorise the request to the broker")
	// ErrUnreachable means that the broker could not be reached, or did not answer in time.
	ErrUnreachable = errors.New("the broker does not answer")
)

// failed joins one of the errors above with its cause, so that errors.Is finds both.
type failed struct{ kind, cause error }

func (f *failed) Error() string        { return f.kind.Error() + ": " + f.cause.Error() }
func (f *failed) Is(target error) bool { return target == f.kind }
func (f *failed) Unwrap() error        { return f.cause }

// An UnexpectedAnswer is neither a token nor a problem document, for example a proxy's page.
type UnexpectedAnswer struct {
	Status int
	// Message is the first line of what AWS said, for example about a signature.
	Message string
}

func (e *UnexpectedAnswer) Error() string {
	text := fmt.Sprintf("the broker's answer with status %d is neither a token nor a problem document", e.Status)
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// A Refused is the problem document (RFC 9457) with which the broker refuses a request.
type Refused struct {
	// Status is the HTTP status.
	Status int
	// Type is the problem type: urn:webex-token-broker:problem:…
	Type string
	// Detail says in words what happened.
	Detail string
	// TrackingID is Webex's, if the refusal has one. Cisco's support asks for it.
	TrackingID string
	// RetryAfter is the time to wait before asking again; zero if the broker gave none.
	RetryAfter time.Duration
}

func (e *Refused) Error() string {
	return fmt.Sprintf("the broker answered %d: %s", e.Status, e.Detail)
}

// leavesGrantUnknown says whether the error says nothing about the grant, so that a token of it may still be used.
func leavesGrantUnknown(err error) bool {
	var refused *Refused
	return !errors.As(err, &refused) || refused.Status == 429 || refused.Status >= 500
}

// retryAfter is the time to wait before asking again; zero if the broker gave none.
func retryAfter(err error) time.Duration {
	var refused *Refused
	if errors.As(err, &refused) {
		return refused.RetryAfter
	}
	return 0
}

// again is the error for a later caller, who has to wait until the given time.
func again(err error, now, until time.Time) error {
	var refused *Refused
	if !errors.As(err, &refused) || refused.RetryAfter == 0 {
		return err
	}
	later := *refused
	later.RetryAfter = until.Sub(now)
	if later.RetryAfter < 0 {
		later.RetryAfter = 0
	}
	return &later
}
