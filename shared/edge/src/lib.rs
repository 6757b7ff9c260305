//! What every function's shell shares: configuration, clock, logs, metrics, problem responses, invoking the refresher.
