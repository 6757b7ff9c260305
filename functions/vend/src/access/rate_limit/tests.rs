use super::*;

const INTERVAL: SignedDuration = SignedDuration::from_millis(INTERVAL_MS);

fn start() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

/// How many requests are admitted at once.
fn drain(limit: &CallerRateLimit, caller: &str, now: Timestamp) -> usize {
    (0..10_000).take_while(|_| limit.take(caller, now).is_ok()).count()
}

#[test]
fn take_admits_a_thousand_at_once_then_a_hundred_a_second() {
    let (limit, mut now) = (CallerRateLimit::default(), start());
    assert_eq!(drain(&limit, "a", now), 1000);
    assert_eq!(limit.take("a", now), Err(INTERVAL));
    now += SignedDuration::from_secs(1);
    assert_eq!(drain(&limit, "a", now), 100);
    now += SignedDuration::from_hours(1);
    assert_eq!(drain(&limit, "a", now), 1000, "no more than a bucket holds");
}

#[test]
fn callers_have_separate_buckets() {
    let limit = CallerRateLimit::default();
    drain(&limit, "a", start());
    assert_eq!(limit.take("b", start()), Ok(()));
}

#[test]
fn clock_set_back_costs_no_request() {
    for seconds in [1, 5, 9, 10, 11, 3600, 1_000_000] {
        for used in [0, 1, 500, 999, 1000] {
            let (limit, now) = (CallerRateLimit::default(), start());
            limit.take("another", now).unwrap();
            for _ in 0..used {
                limit.take("a", now).unwrap();
            }
            let set_back = now - SignedDuration::from_secs(seconds);
            assert_eq!(drain(&limit, "a", set_back), 1000 - used, "{used} used, then {seconds} s back");
            assert_eq!(limit.take("a", set_back + INTERVAL), Ok(()));
        }
    }
}

#[test]
fn memory_is_bounded_and_throttled_callers_stay_throttled() {
    let (limit, now) = (CallerRateLimit::default(), start());
    drain(&limit, "loop", now);
    for n in 0..5000 {
        limit.take(&format!("caller-{n}"), now).unwrap();
    }
    assert!(limit.0.lock().unwrap().full_at.len() <= MAX_CALLERS);
    assert!(limit.take("loop", now).is_err());
}
