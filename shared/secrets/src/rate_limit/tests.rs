use super::*;
use crate::testing::SteppedClock;

const DISTANCE: SignedDuration = SignedDuration::from_millis(25);

fn limit() -> (CallRateLimit<SteppedClock>, SteppedClock) {
    let clock = SteppedClock::default();
    (CallRateLimit::per_second(40, clock.clone()), clock)
}

#[tokio::test]
async fn slots_keep_their_distance_after_the_first() {
    let (limit, clock) = limit();
    let start = clock.now();
    for n in 0..5 {
        limit.wait().await;
        assert_eq!(clock.now().duration_since(start), DISTANCE * n);
    }
}

#[tokio::test]
async fn unused_time_is_not_saved_up() {
    let (limit, clock) = limit();
    limit.wait().await;
    clock.advance(SignedDuration::from_secs(60));
    let start = clock.now();
    limit.wait().await;
    limit.wait().await;
    assert_eq!(clock.now().duration_since(start), DISTANCE);
}

#[tokio::test]
async fn clones_share_one_queue() {
    let (limit, clock) = limit();
    let start = clock.now();
    limit.clone().wait().await;
    limit.clone().wait().await;
    assert_eq!(clock.now().duration_since(start), DISTANCE);
}

#[tokio::test]
async fn full_queue_takes_no_slot() {
    let (limit, clock) = limit();
    let start = clock.now();
    limit.wait().await;
    for _ in 0..10 {
        assert!(!limit.wait_at_most(DISTANCE / 2).await);
    }
    assert_eq!(clock.now(), start);
    assert!(limit.wait_at_most(DISTANCE).await);
    assert_eq!(clock.now().duration_since(start), DISTANCE);
}

#[tokio::test]
async fn a_clock_set_back_costs_no_longer_wait() {
    let (limit, clock) = limit();
    limit.wait().await;
    clock.advance(SignedDuration::from_hours(-1));
    let start = clock.now();
    limit.wait().await;
    assert_eq!(clock.now().duration_since(start), DISTANCE);
}

#[tokio::test]
async fn writes_of_one_quota_wait_for_none_of_another() {
    let clock = SteppedClock::default();
    let limits = WriteRateLimits::new(&clock);
    let start = clock.now();
    limits.versions.wait().await;
    for other in [&limits.deletions, &limits.restorations, &limits.tags] {
        other.wait().await;
    }
    assert_eq!(clock.now(), start);
    limits.versions.wait().await;
    assert!(clock.now() > start);
}

fn rate(limit: &CallRateLimit<SteppedClock>) -> f64 {
    lock(&limit.queue).rate
}

#[tokio::test]
async fn rate_rises_in_use_and_begins_again_after_a_pause() {
    let clock = SteppedClock::default();
    let limit = CallRateLimit::rising(10, 46, clock.clone());
    let start = clock.now();
    while clock.now().duration_since(start) < SignedDuration::from_secs(4) {
        limit.wait().await;
    }
    assert!((rate(&limit) - 46.0).abs() < 0.1, "after four seconds of use: {}", rate(&limit));
    clock.advance(PAUSE + SignedDuration::from_secs(1));
    limit.wait().await;
    assert!((rate(&limit) - 10.0).abs() < 0.1, "after a pause: {}", rate(&limit));
}

#[tokio::test]
async fn throttled_rate_is_halved_once_a_second() {
    let (limit, clock) = limit();
    limit.wait().await;
    for _ in 0..5 {
        limit.slow_down();
    }
    assert!((rate(&limit) - 20.0).abs() < 0.1, "five throttlings at once are one: {}", rate(&limit));
    clock.advance(ONE_THROTTLING);
    limit.slow_down();
    assert!((rate(&limit) - 10.5).abs() < 0.1, "20 rose to 21 and was halved: {}", rate(&limit));
}

#[tokio::test]
async fn rate_never_falls_to_a_standstill() {
    let (limit, clock) = limit();
    for _ in 0..20 {
        limit.wait().await;
        limit.slow_down();
        clock.advance(ONE_THROTTLING);
    }
    assert!(rate(&limit) >= LEAST);
}

/// Sends for a minute from `processes` at once into a quota of 50 a second with a burst of 50, as AWS's token bucket.
/// Returns the calls that were admitted, and those that were throttled.
fn sent_in_a_minute(processes: usize) -> (u32, u32) {
    let clock = SteppedClock::default();
    let limits: Vec<_> = (0..processes).map(|_| CallRateLimit::rising(10, 46, clock.clone())).collect();
    let (mut admitted, mut throttled, mut bucket) = (0, 0, 50.0_f64);
    for _ in 0..60_000 {
        clock.advance(SignedDuration::from_millis(1));
        bucket = (bucket + 0.05).min(50.0);
        for limit in &limits {
            if limit.reserve_within(SignedDuration::ZERO).is_none() {
                continue;
            }
            if bucket >= 1.0 {
                bucket -= 1.0;
                admitted += 1;
            } else {
                throttled += 1;
                limit.slow_down();
            }
        }
    }
    (admitted, throttled)
}

#[test]
fn one_process_alone_uses_the_quota() {
    let (admitted, throttled) = sent_in_a_minute(1);
    assert_eq!(throttled, 0);
    assert!(admitted >= 60 * 45 * 95 / 100, "{admitted} in a minute");
}

#[test]
fn many_processes_share_the_quota_with_few_throttlings() {
    for processes in [2, 5, 10] {
        let (admitted, throttled) = sent_in_a_minute(processes);
        let share = f64::from(throttled) / f64::from(admitted + throttled);
        assert!(share <= 0.05, "{processes} processes: {throttled} of {} throttled", admitted + throttled);
        assert!(admitted >= 60 * 50 * 3 / 4, "{processes} processes: {admitted} in a minute");
    }
}
