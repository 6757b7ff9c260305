module webex-token-broker.example/broker

go 1.19
