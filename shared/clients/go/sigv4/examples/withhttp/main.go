// Calls Webex with net/http. A token that Webex refuses is reported, and the request is sent again.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"webex-token-broker.example/broker"
	"webex-token-broker.example/broker/sigv4"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	vend, err := sigv4.NewBroker(ctx, os.Getenv("VEND_URL"), broker.Options{})
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &broker.Transport{Broker: vend, App: "reports", Subject: os.Getenv("ORG")}}
	response, err := client.Get("https://webexapis.com/v1/people/me")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("Webex answered %s", response.Status)
	}
	var person struct{ DisplayName string }
	if err := json.NewDecoder(response.Body).Decode(&person); err != nil {
		return err
	}
	fmt.Println("I am", person.DisplayName)
	return nil
}
