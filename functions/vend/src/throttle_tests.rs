use std::future::{Future, ready};
use std::sync::Arc;

use super::*;

#[derive(Clone)]
struct Hands(Arc<Mutex<Timestamp>>);

impl Hands {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Timestamp::from_second(1_800_000_000).unwrap())))
    }

    fn move_by(&self, duration: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now += duration;
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, _: SignedDuration) -> impl Future<Output = ()> + Send {
        ready(())
    }
}

fn drained(throttle: &Throttle<Hands>, caller: &str) -> usize {
    (0..10_000).take_while(|_| throttle.take(caller).is_ok()).count()
}

#[test]
fn a_thousand_at_once_and_then_a_hundred_a_second() {
    let clock = Hands::new();
    let throttle = Throttle::new(clock.clone());
    assert_eq!(drained(&throttle, "a"), 1000);
    assert_eq!(throttle.take("a"), Err(EACH));
    clock.move_by(SignedDuration::from_secs(1));
    assert_eq!(drained(&throttle, "a"), 100);
    clock.move_by(SignedDuration::from_hours(1));
    assert_eq!(drained(&throttle, "a"), 1000, "no more than a bucket holds");
}

#[test]
fn callers_do_not_take_from_each_other() {
    let throttle = Throttle::new(Hands::new());
    drained(&throttle, "a");
    assert_eq!(throttle.take("b"), Ok(()));
}

#[test]
fn a_clock_that_is_set_back_locks_nobody_out() {
    let clock = Hands::new();
    let throttle = Throttle::new(clock.clone());
    throttle.take("a").unwrap();
    clock.move_by(SignedDuration::from_hours(-1));
    assert!(throttle.take("a").is_err_and(|wait| wait <= EACH));
    clock.move_by(EACH);
    assert_eq!(throttle.take("a"), Ok(()));
}

#[test]
fn memory_is_bounded_and_who_is_throttled_stays_so() {
    let clock = Hands::new();
    let throttle = Throttle::new(clock.clone());
    drained(&throttle, "loop");
    for n in 0..5000 {
        throttle.take(&format!("caller-{n}")).unwrap();
    }
    assert!(throttle.full_at.lock().unwrap().len() <= CALLERS);
    assert!(throttle.take("loop").is_err());
}
