//! Vends a valid access token to callers that may have it.
