use super::*;

const EACH: SignedDuration = SignedDuration::from_millis(EACH_MS);

fn start() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn drained(throttle: &Throttle, caller: &str, now: Timestamp) -> usize {
    (0..10_000).take_while(|_| throttle.take(caller, now).is_ok()).count()
}

#[test]
fn a_thousand_at_once_and_then_a_hundred_a_second() {
    let (throttle, mut now) = (Throttle::default(), start());
    assert_eq!(drained(&throttle, "a", now), 1000);
    assert_eq!(throttle.take("a", now), Err(EACH));
    now += SignedDuration::from_secs(1);
    assert_eq!(drained(&throttle, "a", now), 100);
    now += SignedDuration::from_hours(1);
    assert_eq!(drained(&throttle, "a", now), 1000, "no more than a bucket holds");
}

#[test]
fn callers_do_not_take_from_each_other() {
    let throttle = Throttle::default();
    drained(&throttle, "a", start());
    assert_eq!(throttle.take("b", start()), Ok(()));
}

#[test]
fn a_clock_that_is_set_back_locks_nobody_out() {
    let (throttle, mut now) = (Throttle::default(), start());
    throttle.take("a", now).unwrap();
    now -= SignedDuration::from_hours(1);
    assert!(throttle.take("a", now).is_err_and(|wait| wait <= EACH));
    assert_eq!(throttle.take("a", now + EACH), Ok(()));
}

#[test]
fn memory_is_bounded_and_who_is_throttled_stays_so() {
    let (throttle, now) = (Throttle::default(), start());
    drained(&throttle, "loop", now);
    for n in 0..5000 {
        throttle.take(&format!("caller-{n}"), now).unwrap();
    }
    assert!(throttle.full_at.lock().unwrap().len() <= CALLERS);
    assert!(throttle.take("loop", now).is_err());
}
