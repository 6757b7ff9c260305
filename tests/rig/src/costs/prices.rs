//! List prices of US East (N. Virginia) in US dollars, without free tiers, as AWS lists them in November 2026:
//! <https://aws.amazon.com/secrets-manager/pricing/>, <https://aws.amazon.com/lambda/pricing/> (arm64),
//! <https://aws.amazon.com/cloudwatch/pricing/>.

/// Prices of a unit.
pub(super) struct Prices {
    /// A secret for a month, by the hour. A secret that waits for deletion costs nothing.
    pub(super) secret: f64,
    /// A call of Secrets Manager.
    pub(super) call: f64,
    /// A request of Lambda.
    pub(super) request: f64,
    pub(super) gigabyte_second: f64,
    /// A gigabyte of log that is taken in.
    pub(super) log_gigabyte: f64,
    /// A custom metric for a month, by the hour.
    pub(super) series: f64,
    /// An alarm on one metric for a month.
    pub(super) alarm: f64,
}

impl Prices {
    pub(super) fn list() -> Self {
        Self {
            secret: 0.40,
            call: 0.05 / 10_000.0,
            request: 0.20 / 1_000_000.0,
            gigabyte_second: 0.000_013_333_4,
            log_gigabyte: 0.50,
            series: 0.30,
            alarm: 0.10,
        }
    }
}
