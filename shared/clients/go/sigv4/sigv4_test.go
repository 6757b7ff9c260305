package sigv4_test

import (
	"context"
	"strings"
	"testing"

	broker "webex-token-broker.example/broker"
	"webex-token-broker.example/broker/sigv4"
)

func setCredentials(t *testing.T, region string) {
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "session",
		"AWS_REGION": region, "AWS_DEFAULT_REGION": "", "AWS_CONFIG_FILE": "/nonexistent",
		"AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
}

func TestAddressNamesServiceAndRegion(t *testing.T) {
	setCredentials(t, "eu-west-1")
	for address, scope := range map[string]string{
		"https://abc.lambda-url.eu-central-1.on.aws":         "/eu-central-1/lambda/aws4_request,",
		"https://abc.execute-api.us-east-1.amazonaws.com/v1": "/us-east-1/execute-api/aws4_request,",
		"https://vend.example":                               "/eu-west-1/lambda/aws4_request,",
	} {
		var identity broker.Identity
		identity, err := sigv4.Default(context.Background(), address)
		if err != nil {
			t.Fatal(err)
		}
		headers, err := identity.Headers(context.Background(), "GET", address, nil)
		if err != nil || !strings.Contains(headers.Get("Authorization"), scope) {
			t.Errorf("%s: %v, %v", address, headers.Get("Authorization"), err)
		}
		if headers.Get("X-Amz-Security-Token") != "session" {
			t.Errorf("%s: the session token is missing", address)
		}
	}
}

func TestMissingRegionSaysWhatToDo(t *testing.T) {
	setCredentials(t, "")
	if _, err := sigv4.Default(context.Background(), "https://vend.example"); err == nil ||
		!strings.Contains(err.Error(), "set AWS_REGION") {
		t.Errorf("got %v", err)
	}
}
