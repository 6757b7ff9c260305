// A Lambda function in Go with the agent's layer.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

// handler is the function, for lambda.Start of github.com/aws/aws-lambda-go.
func handler(event struct{ Org string }) (string, error) {
	request, _ := http.NewRequest("GET", "http://127.0.0.1:2774/v1/apps/reports/grants/"+event.Org+"/token", nil)
	request.Header.Set("Authorization", "Bearer "+os.Getenv("AWS_SESSION_TOKEN"))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var token struct{ Access_token string }
	err = json.NewDecoder(answer.Body).Decode(&token)
	return fmt.Sprint("characters: ", len(token.Access_token)), err
}

func main() {
	result, err := handler(struct{ Org string }{os.Getenv("ORG")})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(result)
}
