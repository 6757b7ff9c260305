// Package sigv4 identifies a caller to a webex-token-broker by AWS Signature Version 4.
package sigv4

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"

	broker "webex-token-broker.example/broker"
)

// awsHosts are addresses that name the service and the region to sign for.
var awsHosts = map[string]*regexp.Regexp{
	"lambda":      regexp.MustCompile(`\.lambda-url\.([a-z0-9-]+)\.on\.aws$`),
	"execute-api": regexp.MustCompile(`\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$`),
}

// An Identity signs with the credentials of the AWS SDK. It implements broker.Identity.
type Identity struct {
	// Credentials are those of the SDK's provider, which should cache them.
	Credentials aws.CredentialsProvider
	// Region is the one to sign for.
	Region string
	// Service is lambda for a Function URL and execute-api for an API Gateway.
	Service string
	// Now gives the current time; time.Now by default.
	Now func() time.Time

	signer *v4.Signer
}

// Default signs for the broker at the address base with the credentials of the SDK's default chain. The address names the
// service and the region; for another one they are lambda and the SDK's region.
func Default(ctx context.Context, base string) (*Identity, error) {
	loaded, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	identity := &Identity{Credentials: loaded.Credentials, Region: loaded.Region, Service: "lambda", signer: v4.NewSigner()}
	if parsed, err := url.Parse(base); err == nil {
		for service, pattern := range awsHosts {
			if found := pattern.FindStringSubmatch(parsed.Hostname()); found != nil {
				identity.Service = service
				identity.Region = found[1]
			}
		}
	}
	if identity.Region == "" {
		return nil, errors.New("no AWS region: set AWS_REGION")
	}
	return identity, nil
}

// Headers implements broker.Identity.
func (i *Identity) Headers(ctx context.Context, method, address string, body []byte) (http.Header, error) {
	credentials, err := i.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	signer := i.signer
	if signer == nil {
		signer = v4.NewSigner()
	}
	now := time.Now
	if i.Now != nil {
		now = i.Now
	}
	sum := sha256.Sum256(body)
	err = signer.SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), i.Service, i.Region, now())
	return request.Header, err
}

// NewBroker makes a client of the broker at the address base, with the identity that Default gives.
func NewBroker(ctx context.Context, base string, options broker.Options) (*broker.Broker, error) {
	identity, err := Default(ctx, base)
	if err != nil {
		return nil, err
	}
	return broker.New(base, identity, options)
}
