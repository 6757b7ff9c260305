module webex-token-broker.example/broker/sigv4

go 1.19

require (
	github.com/aws/aws-sdk-go-v2 v1.17.1
	github.com/aws/aws-sdk-go-v2/config v1.17.10
	webex-token-broker.example/broker v0.1.0
)

replace webex-token-broker.example/broker => ..
