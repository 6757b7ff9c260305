// A Lambda function with a token. VEND_URL is vend's address; the function's role may invoke it.
package main

import (
	"context"
	"fmt"
	"os"

	"webex-token-broker.example/broker"
	"webex-token-broker.example/broker/sigv4"
)

var vend, vendError = sigv4.NewBroker(context.Background(), os.Getenv("VEND_URL"), broker.Options{})

// handler is the function, for lambda.Start of github.com/aws/aws-lambda-go.
func handler(ctx context.Context, event struct{ Org string }) (string, error) {
	if vendError != nil {
		return "", vendError
	}
	token, err := vend.Token(ctx, "reports", event.Org)
	return fmt.Sprint("ends ", token.ExpiresAt), err
}

func main() {
	answer, err := handler(context.Background(), struct{ Org string }{os.Getenv("ORG")})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(answer)
}
