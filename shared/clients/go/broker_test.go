package broker_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	broker "webex-token-broker.example/broker"
)

func TestCallerThatGivesUpLeavesTheOthersTheirToken(t *testing.T) {
	for name, ask := range map[string]func(*broker.Broker, context.Context) (broker.Token, error){
		"token": func(b *broker.Broker, ctx context.Context) (broker.Token, error) {
			return b.Token(ctx, "reports", "acme")
		},
		"report": func(b *broker.Broker, ctx context.Context) (broker.Token, error) {
			return b.Rejected(ctx, "reports", "acme", broker.Token{})
		},
	} {
		t.Run(name, func(t *testing.T) { giveUp(t, ask) })
	}
}

// giveUp lets one caller give up during its request while another one waits for the result.
func giveUp(t *testing.T, ask func(*broker.Broker, context.Context) (broker.Token, error)) {
	stubs := newStubs(t)
	stubs.answers["broker"] = []answer{{Token: "one", ExpiresIn: 900}, {Token: "two", ExpiresIn: 900}}
	b, err := broker.New(stubs.broker.URL, broker.StaticToken("identity"), broker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	impatient, cancel := context.WithCancel(context.Background())
	defer cancel()
	asked := make(chan struct{}, 2)
	release := make(chan struct{})
	stubs.gate = func() {
		asked <- struct{}{}
		<-release
	}
	first := make(chan error, 1)
	go func() {
		_, err := ask(b, impatient)
		first <- err
	}()
	<-asked
	waiting := newGate(1)
	second := make(chan error, 1)
	go func() {
		_, err := ask(b, waiting.context())
		second <- err
	}()
	waiting.wait()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the first caller got %v", err)
	}
	close(release)
	if err := <-second; err != nil {
		t.Errorf("the second caller got %v", err)
	}
}

func TestTokenFileIsReadBeforeEachRequest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	identity := broker.TokenFile(file)
	for _, text := range []string{"one", "two\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		headers, err := identity.Headers(context.Background(), "GET", "", nil)
		if err != nil || headers.Get("Authorization") != "Bearer "+text[:3] {
			t.Errorf("got %v, %v", headers, err)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := identity.Headers(context.Background(), "GET", "", nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestNewRefusesWhatIsNoAddress(t *testing.T) {
	for _, address := range []string{"", "vend.example", "ftp://vend.example", "data:,x", "https://vend.example/?a"} {
		if _, err := broker.New(address, broker.StaticToken("identity"), broker.Options{}); !errors.Is(err, broker.ErrAddress) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// recorder answers every request and remembers what it was sent with.
type recorder struct{ authorization string }

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	r.authorization = request.Header.Get("Authorization")
	return &http.Response{StatusCode: 200, Body: http.NoBody, Request: request}, nil
}

func TestOnlyWebexOverHTTPSMaySeeAToken(t *testing.T) {
	stubs := newStubs(t)
	stubs.answers["broker"] = []answer{{Token: "one", ExpiresIn: 86400}}
	b, err := broker.New(stubs.broker.URL, broker.StaticToken("identity"), broker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]string{
		"https://webexapis.com/v1":              "Bearer one",
		"https://analytics.webexapis.com/v1":    "Bearer one",
		"https://WebexAPIs.com:443/":            "Bearer one",
		"http://webexapis.com/v1":               "",
		"https://webexapis.com.evil.example/":   "",
		"https://evilwebexapis.com/":            "",
		"https://webexapis.com@evil.example/":   "",
		"https://evil.example/?q=webexapis.com": "",
	}
	for url, authorization := range wanted {
		seen := &recorder{}
		client := &http.Client{Transport: &broker.Transport{Broker: b, App: "reports", Subject: "acme", Base: seen}}
		if _, err := client.Get(url); err != nil {
			t.Fatal(err)
		}
		if url == "https://webexapis.com@evil.example/" {
			authorization = "Basic d2ViZXhhcGlzLmNvbTo=" // of the address itself, as net/http does it
		}
		if seen.authorization != authorization {
			t.Errorf("%s: sent %q", url, seen.authorization)
		}
	}
}
