use proptest::prelude::*;

use super::*;

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn due(missing: &mut Missing, millis: u64) -> Vec<u64> {
    let mut lost = Vec::new();
    missing.poll(at(millis), &mut lost);
    lost
}

fn receive(missing: &mut Missing, millis: u64, numbers: &[u64]) -> Vec<Arrival> {
    numbers.iter().map(|number| missing.received(at(millis), *number)).collect()
}

#[test]
fn asks_for_a_gap_once_disorder_is_ruled_out() {
    let mut missing = Missing::default();
    receive(&mut missing, 0, &[100, 101, 104]);
    assert_eq!(due(&mut missing, 4), []);
    assert_eq!(missing.poll_timeout(), Some(at(5)));
    assert_eq!(due(&mut missing, 5), [102, 103]);
    assert_eq!(missing.poll_timeout(), Some(at(105)));
}

#[test]
fn does_not_ask_for_what_came_in_disorder() {
    let mut missing = Missing::default();
    assert_eq!(receive(&mut missing, 0, &[100, 102, 101])[2], Arrival::Recovered);
    assert_eq!(missing.poll_timeout(), None);
    assert_eq!(due(&mut missing, 5), []);
}

#[test]
fn asks_again_after_a_round_trip_and_gives_up_after_ten() {
    let mut missing = Missing::default();
    missing.set_round_trip_time(Duration::from_millis(30));
    receive(&mut missing, 0, &[1, 3]);
    let mut times = Vec::new();
    while let Some(next) = missing.poll_timeout() {
        let mut lost = Vec::new();
        missing.poll(next, &mut lost);
        times.extend(lost.iter().map(|_| next));
    }
    assert_eq!(times, (0..10).map(|n| at(5 + 30 * n)).collect::<Vec<_>>());
    assert_eq!(missing.abandoned(), 1);
}

#[test]
fn tells_duplicates_from_what_was_recovered() {
    use Arrival::{Duplicate, New, Recovered, TooOld};
    let mut missing = Missing::default();
    let numbers = [5000, 5000, 5002, 5001, 5001, 4999, 5002, 5002 - 2048, 5003 - 2048];
    let expected =
        [New, Duplicate, New, Recovered, Duplicate, Recovered, Duplicate, TooOld, Recovered];
    assert_eq!(receive(&mut missing, 0, &numbers), expected);
}

#[test]
fn a_jump_asks_for_nothing() {
    let mut missing = Missing::default();
    receive(&mut missing, 0, &[1, 3]);
    assert_eq!(missing.received(at(0), 5000), Arrival::Jump);
    assert_eq!((missing.poll_timeout(), missing.abandoned()), (None, 1));
    assert_eq!(missing.received(at(0), 4999), Arrival::Recovered);
    assert_eq!(missing.received(at(0), 5000), Arrival::Duplicate);
}

#[test]
fn one_request_fits_a_packet() {
    let mut missing = Missing::default();
    receive(&mut missing, 0, &[0, 900]);
    assert_eq!(due(&mut missing, 5).len(), Missing::MAX_REQUEST);
    assert_eq!(missing.poll_timeout(), Some(at(5)), "there is more");
    assert_eq!(due(&mut missing, 5), (201..=400).collect::<Vec<_>>());
}

proptest! {
    /// Whatever comes: bounds hold, nothing that came is asked for, each number is new once.
    #[test]
    fn asks_only_for_what_did_not_come(
        steps in prop::collection::vec((0..40_u64, 0..60_i64), 1..400),
    ) {
        let (mut missing, mut now, mut seen) = (Missing::default(), 0, std::collections::BTreeSet::new());
        let mut number = 10_000_i64;
        for (wait, step) in steps {
            now += wait;
            number += step - 20;
            let n = number as u64;
            let arrival = missing.received(at(now), n);
            let fresh = seen.insert(n);
            match arrival {
                Arrival::Duplicate => prop_assert!(!fresh),
                Arrival::TooOld => {}
                _ => prop_assert!(fresh),
            }
            prop_assert!(missing.list.len() <= Missing::MAX_MISSING);
            let lost = due(&mut missing, now);
            prop_assert!(lost.iter().all(|n| !seen.contains(n)));
            prop_assert!(lost.is_sorted());
            let more = lost.len() == Missing::MAX_REQUEST;
            prop_assert!(more || missing.poll_timeout().is_none_or(|next| next > at(now)));
        }
    }
}
