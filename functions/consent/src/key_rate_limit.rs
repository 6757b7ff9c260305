//! Limits how often the operator key may be guessed, per source address and in total.
//!
//! The limits hold for one execution environment. A key of 128 random bits needs none; a key that a person made up does.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Mutex;

use broker_core::sync::lock;
use jiff::{SignedDuration, Timestamp};

/// People mistype: five attempts at once from one address, then one in six seconds.
const PER_SOURCE: AttemptLimit = AttemptLimit { burst: 5, interval: SignedDuration::from_secs(6) };
/// Wide enough that a guesser needs a dozen addresses before anybody else notices.
const IN_TOTAL: AttemptLimit = AttemptLimit { burst: 60, interval: SignedDuration::from_secs(1) };
/// How long an address that showed the right key is exempt from the limit in total.
const TRUST: SignedDuration = SignedDuration::from_hours(24);

/// A token bucket.
struct AttemptLimit {
    /// Attempts that may come at once.
    burst: i32,
    /// Time until one more attempt is free.
    interval: SignedDuration,
}

impl AttemptLimit {
    /// Takes one attempt out of a bucket that will be full at `full_at`, and returns when it will be full then. The error
    /// is the time until the next attempt is free.
    fn take(&self, full_at: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, SignedDuration> {
        let capacity = self.interval * self.burst;
        let full_at = match full_at {
            // A moment that is further away was written before the clock was set back.
            Some(full_at) if now < full_at && full_at <= now + capacity => full_at,
            _ => now,
        };
        let next = full_at + self.interval;
        let wait = next.duration_since(now) - capacity;
        if wait > SignedDuration::ZERO {
            return Err(wait);
        }
        Ok(next)
    }
}

/// Counts attempts to enter the operator key.
#[derive(Default)]
pub(crate) struct KeyRateLimit(Mutex<KeyAttempts>);

#[derive(Default)]
struct KeyAttempts {
    /// When the bucket of each address is full again. The limit in total bounds the number of addresses.
    by_source: HashMap<IpAddr, Timestamp>,
    total: Option<Timestamp>,
    /// Until when an address is exempt from the limit in total, so that guesses from elsewhere do not lock operators out.
    trusted: HashMap<IpAddr, Timestamp>,
}

impl KeyRateLimit {
    /// Counts an attempt from `source`. The error is the time until the next attempt is allowed.
    pub(crate) fn count(&self, source: Option<IpAddr>, now: Timestamp) -> Result<(), SignedDuration> {
        let source = network(source);
        let mut attempts = lock(&self.0);
        attempts.by_source.retain(|_, full_at| now < *full_at);
        attempts.trusted.retain(|_, until| now < *until);
        let full_at = PER_SOURCE.take(attempts.by_source.get(&source).copied(), now)?;
        if !attempts.trusted.contains_key(&source) {
            attempts.total = Some(IN_TOTAL.take(attempts.total, now)?);
        }
        attempts.by_source.insert(source, full_at);
        Ok(())
    }

    /// Forgets the failed attempts of an address that showed the right key, and trusts it for a day.
    pub(crate) fn trust(&self, source: Option<IpAddr>, now: Timestamp) {
        let source = network(source);
        let mut attempts = lock(&self.0);
        attempts.by_source.remove(&source);
        attempts.trusted.insert(source, now + TRUST);
    }
}

/// The address that attempts are counted by: a customer of an IPv6 provider has a whole /64.
fn network(source: Option<IpAddr>) -> IpAddr {
    match source.map(|source| source.to_canonical()) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Some(address) => address,
        None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    fn address(number: u8) -> Option<IpAddr> {
        Some(IpAddr::from([203, 0, 113, number]))
    }

    #[test]
    fn source_has_five_attempts_then_one_in_six_seconds() {
        let (limit, now, source) = (KeyRateLimit::default(), now(), address(1));
        for _ in 0..5 {
            assert_eq!(limit.count(source, now), Ok(()));
        }
        let interval = PER_SOURCE.interval;
        assert_eq!(limit.count(source, now), Err(interval));
        assert_eq!(limit.count(source, now + interval / 2), Err(interval / 2));
        assert_eq!(limit.count(source, now + interval), Ok(()));
        assert!(limit.count(source, now + interval).is_err());
        limit.trust(source, now + interval);
        assert_eq!(limit.count(source, now + interval), Ok(()));
    }

    #[test]
    fn guesses_from_one_address_do_not_limit_another() {
        let limit = KeyRateLimit::default();
        while limit.count(address(1), now()).is_ok() {}
        assert_eq!(limit.count(address(2), now()), Ok(()));
    }

    #[test]
    fn guesses_from_many_addresses_are_limited_in_total() {
        let limit = KeyRateLimit::default();
        let allowed = (0..=255).filter(|number| limit.count(address(*number), now()).is_ok()).count();
        assert_eq!(allowed, 60);
    }

    #[test]
    fn trusted_address_is_not_limited_in_total() {
        let limit = KeyRateLimit::default();
        limit.trust(address(9), now());
        for number in 10..=255 {
            let _ = limit.count(address(number), now());
        }
        assert!(limit.count(address(8), now()).is_err());
        assert_eq!(limit.count(address(9), now()), Ok(()));
        let tomorrow = now() + TRUST;
        for number in 10..=255 {
            let _ = limit.count(address(number), tomorrow);
        }
        assert!(limit.count(address(9), tomorrow).is_err(), "trust lasts a day");
    }

    #[test]
    fn ipv6_addresses_of_one_network_share_a_limit() {
        let limit = KeyRateLimit::default();
        let address = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        while limit.count(address("2001:db8::1"), now()).is_ok() {}
        assert!(limit.count(address("2001:db8::2"), now()).is_err());
        assert_eq!(limit.count(address("2001:db8:0:1::1"), now()), Ok(()));
    }

    #[test]
    fn clock_set_back_locks_nobody_out() {
        let limit = KeyRateLimit::default();
        let source = address(1);
        while limit.count(source, now()).is_ok() {}
        assert_eq!(limit.count(source, now() - SignedDuration::from_hours(1)), Ok(()));
    }
}
