//! When a pair is due.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::grant::Grant;
use crate::id::{GrantId, OrgId};

/// Webex often hands out the same pair when asked again within a day, and an account may hold 750 live access tokens.
const AT_MOST_ONCE_IN: SignedDuration = SignedDuration::from_hours(24);

/// The part of the waiting time over which the grants of one day are spread, so that 10,000 of them do not come due in
/// one minute: with the default fraction the last tenth of a token's first half.
const SPREAD: f64 = 0.2;

/// Packed grants that are due within the same hours are renewed together at their beginning. Each has a secret of its own
/// from then on until the next merge into its pack, of which a pack takes four a day.
const TOGETHER: SignedDuration = SignedDuration::from_hours(8);

/// The windows of grants begin at so many times, one for each hourly sweep: by the lowest bits of the first hexadecimal digit,
/// which are the lowest of a pack's number too.
const STARTS: u32 = 8;

/// A pair is renewed earlier than it is due by this share of its waiting time at most: short ones gain nothing by a window.
const EARLIEST: f64 = 0.06;

/// The share of an access token's lifetime after which it is due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RenewAt(f64);

impl RenewAt {
    /// Least share: below it, grants are renewed for nothing.
    pub const LEAST: f64 = 0.01;
    /// Greatest share: a twelve-hour token still has more than an hour left, which is the longest sensible interval
    /// between sweeps.
    pub const GREATEST: f64 = 0.9;
    /// Half: with the usual fourteen days, a week to notice and to mend whatever stops renewals.
    pub const DEFAULT: Self = Self(0.5);

    /// A share between [`Self::LEAST`] and [`Self::GREATEST`].
    pub fn new(share: f64) -> Option<Self> {
        (Self::LEAST..=Self::GREATEST).contains(&share).then_some(Self(share))
    }

    /// When the pair of `grant` is to be renewed; `None` if it has none. Past this share of its life at the latest, a
    /// stable bit earlier for most grants, but not within a day of the last renewal.
    pub fn due_at(self, grant: &Grant) -> Option<Timestamp> {
        let (renewed_at, latest) = self.last_renewal_and_latest(grant)?;
        let early = latest.duration_since(renewed_at).mul_f64(SPREAD * position(&grant.id));
        Some((latest - early).max(latest.min(later(renewed_at, AT_MOST_ONCE_IN))))
    }

    /// When the pair of a packed `grant` is to be renewed: at the beginning of the window in which it is due.
    pub fn due_at_together(self, grant: &Grant) -> Option<Timestamp> {
        let due = self.due_at(grant)?;
        let renewed_at = grant.renewed_at.unwrap_or(Timestamp::MIN);
        let early = since_window(&grant.id, due);
        let is_short = early > due.duration_since(renewed_at).mul_f64(EARLIEST);
        Some(if is_short { due } else { due - early })
    }

    /// Whether a caller's wish alone is reason enough to renew the pair of `grant` at `now`: not within a day of the
    /// last renewal, unless it is due.
    pub fn may_renew(self, grant: &Grant, now: Timestamp) -> bool {
        self.last_renewal_and_latest(grant)
            .is_none_or(|(renewed_at, latest)| now >= latest.min(later(renewed_at, AT_MOST_ONCE_IN)))
    }

    /// A pair of unknown age counts as one at its end.
    fn last_renewal_and_latest(self, grant: &Grant) -> Option<(Timestamp, Timestamp)> {
        let ends = grant.pair.as_ref()?.access_token_expires_at;
        let renewed_at = grant.renewed_at.unwrap_or(Timestamp::MIN).min(ends);
        let life = ends.duration_since(renewed_at);
        Some((renewed_at, later(renewed_at, life.mul_f64(self.0))))
    }
}

/// When the place of a grant in the day came last, at or before `now`: the same time of day for the same name.
pub(crate) fn place_in_day(id: &GrantId, now: Timestamp) -> Timestamp {
    let day = SignedDuration::from_hours(24);
    let midnight = now - SignedDuration::from_secs(now.as_second().rem_euclid(day.as_secs()));
    let today = midnight + day.mul_f64(position(id));
    if today <= now { today } else { today - day }
}

/// The place of a grant among those that wait for their packs at `now`: the group comes first that the last hourly sweep has
/// renewed. Its packs take a merge now, and those of the other groups have taken theirs.
pub(crate) fn place_among_packings(id: &GrantId, now: Timestamp) -> SignedDuration {
    since_window(id, now - SignedDuration::from_hours(1))
}

/// The time that has passed at `at` since the grant's window began.
fn since_window(id: &GrantId, at: Timestamp) -> SignedDuration {
    let digit = id.subject.org().map(OrgId::first_digit).unwrap_or_default();
    let window = TOGETHER.as_nanos();
    let start = window / i128::from(STARTS) * i128::from(digit % STARTS);
    let since = (at.as_nanosecond() - start).rem_euclid(window);
    // A window has fewer nanoseconds than fit.
    SignedDuration::from_nanos(i64::try_from(since).unwrap_or_default())
}

/// The shorter of two remaining lives, as far as they are known.
pub(crate) fn sooner(one: Option<SignedDuration>, other: Option<SignedDuration>) -> Option<SignedDuration> {
    one.into_iter().chain(other).min()
}

fn later(than: Timestamp, by: SignedDuration) -> Timestamp {
    than.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Where in the spread a grant stands, from 0 up to but not including 1: always the same place for the same name.
fn position(id: &GrantId) -> f64 {
    let digest = Sha256::digest(id.to_string());
    let head = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    f64::from(head) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grant::State;
    use crate::pair::Pair;
    use crate::token::AccessToken;
    use proptest::prelude::*;

    fn start() -> Timestamp {
        "2026-11-01T00:00:00Z".parse().unwrap()
    }

    fn grant(subject: &str, life: SignedDuration) -> Grant {
        let pair = Pair {
            access_token: AccessToken::new("a"),
            access_token_expires_at: start() + life,
            refresh_token: None,
            refresh_token_expires_at: None,
            scope: None,
        };
        let id = GrantId::parse(&format!("reports/{subject}")).unwrap();
        Grant { pair: Some(pair), renewed_at: Some(start()), ..Grant::empty(id, State::Active) }
    }

    const HOUR_NANOS: i128 = 3_600_000_000_000;

    fn days(days: i64) -> SignedDuration {
        SignedDuration::from_hours(24 * days)
    }

    #[test]
    fn a_fortnight_is_due_between_four_tenths_and_half_of_it() {
        let due: Vec<_> =
            (0..10_000).map(|n| RenewAt::DEFAULT.due_at(&grant(&format!("org-{n}"), days(14))).unwrap()).collect();
        assert!(due.iter().all(|at| (start() + days(14).mul_f64(0.4)..=start() + days(7)).contains(at)));
        let busiest_hour =
            due.iter().map(|at| at.duration_since(start()).as_hours()).fold([0_u32; 400], |mut hours, hour| {
                hours[usize::try_from(hour).unwrap()] += 1;
                hours
            });
        assert!(*busiest_hour.iter().max().unwrap() < 500, "10,000 grants over 33 hours are about 300 an hour");
    }

    #[test]
    fn packed_grants_with_the_same_initial_are_due_at_three_times_a_day() {
        let times = |initial: &str| {
            let due = (0..1_000).map(|n| {
                let packed = grant(&format!("{initial}{n:07x}-0000-4000-8000-000000000000"), days(14));
                let due = RenewAt::DEFAULT.due_at(&packed).unwrap();
                let together = RenewAt::DEFAULT.due_at_together(&packed).unwrap();
                assert!((SignedDuration::ZERO..TOGETHER).contains(&due.duration_since(together)), "{due} {together}");
                together.as_nanosecond().rem_euclid(24 * HOUR_NANOS)
            });
            due.collect::<std::collections::BTreeSet<i128>>()
        };
        assert_eq!(times("0"), [0, 8, 16].map(|hour| hour * HOUR_NANOS).into());
        assert_eq!(times("9"), [1, 9, 17].map(|hour| hour * HOUR_NANOS).into(), "as 1, which lies in the same packs");
        assert_eq!(times("f"), [7, 15, 23].map(|hour| hour * HOUR_NANOS).into());
    }

    #[test]
    fn short_tokens_are_due_together_no_earlier_than_alone() {
        for life in [SignedDuration::from_hours(1), SignedDuration::from_hours(12)] {
            let short = grant("a", life);
            let alone = RenewAt::DEFAULT.due_at(&short).unwrap();
            let together = RenewAt::DEFAULT.due_at_together(&short).unwrap();
            assert!(alone.duration_since(together) <= life.mul_f64(EARLIEST / 2.0), "{alone} {together}");
        }
        let unknown = Grant { renewed_at: None, ..grant("a", days(14)) };
        assert!(RenewAt::DEFAULT.due_at_together(&unknown).unwrap() < start());
    }

    #[test]
    fn an_hour_long_token_is_due_at_its_half_and_no_earlier() {
        let hour = SignedDuration::from_hours(1);
        assert_eq!(RenewAt::DEFAULT.due_at(&grant("a", hour)), Some(start() + hour / 2));
    }

    #[test]
    fn a_pair_whose_age_nobody_knows_is_due() {
        let grant = Grant { renewed_at: None, ..grant("a", days(14)) };
        assert!(RenewAt::DEFAULT.due_at(&grant).unwrap() < start());
        assert!(RenewAt::DEFAULT.may_renew(&grant, start()));
    }

    #[test]
    fn a_wish_is_granted_once_a_day() {
        let grant = grant("a", days(14));
        assert!(!RenewAt::DEFAULT.may_renew(&grant, start() + SignedDuration::from_hours(23)));
        assert!(RenewAt::DEFAULT.may_renew(&grant, start() + SignedDuration::from_hours(24)));
    }

    #[test]
    fn a_wish_is_granted_sooner_where_more_than_its_share_of_life_is_gone() {
        let short = grant("a", SignedDuration::from_hours(12));
        assert!(!RenewAt::DEFAULT.may_renew(&short, start() + SignedDuration::from_mins(359)));
        assert!(RenewAt::DEFAULT.may_renew(&short, start() + SignedDuration::from_hours(6)));
    }

    #[test]
    fn shares_that_leave_no_margin_are_refused() {
        for share in [0.0, 0.009, 0.91, 1.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(RenewAt::new(share), None, "{share}");
        }
    }

    proptest! {
        #[test]
        fn due_lies_within_the_life_and_never_moves(seconds in 1..100_000_000_i64, share in 0.01..0.9_f64, subject in "[a-z]{1,20}") {
            let grant = grant(&subject, SignedDuration::from_secs(seconds));
            let renew_at = RenewAt::new(share).unwrap();
            let due = renew_at.due_at(&grant).unwrap();
            prop_assert!(due >= start() && due <= start() + SignedDuration::from_secs(seconds));
            prop_assert_eq!(renew_at.due_at(&grant), Some(due));
            prop_assert!(renew_at.may_renew(&grant, due), "what is due may be renewed");
        }
    }
}
