//! The Webex port over HTTP: mint, refresh, exchange, webhooks, guests; retries and error envelopes.
