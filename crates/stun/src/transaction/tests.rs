use super::*;

fn transaction(schedule: Schedule) -> Transaction {
    Transaction::new(Instant::ZERO, TransactionId::from([7; 12]), schedule)
}

/// Sends whenever it is due, and says when in milliseconds, and when the time was up.
fn run(mut transaction: Transaction) -> (Vec<u64>, u64) {
    let mut sent = Vec::new();
    loop {
        let now = transaction.poll_timeout();
        let millis = now.as_nanos() / 1_000_000;
        if transaction.poll_transmit(now) {
            sent.push(millis);
        } else {
            assert!(transaction.is_timed_out(now));
            return (sent, millis);
        }
        assert!(!transaction.poll_transmit(now), "once is enough");
        assert!(!transaction.is_timed_out(now));
        assert!(transaction.poll_timeout() > now);
    }
}

#[test]
fn keeps_the_schedule_of_the_rfc() {
    let fast = Schedule { rto: Duration::from_millis(100), requests: 3, patience: 4 };
    let table = [
        (Schedule::default(), vec![0, 500, 1500, 3500, 7500, 15_500, 31_500], 39_500),
        (Schedule::RELIABLE, vec![0], 39_500),
        (fast, vec![0, 100, 300], 700),
        (Schedule { requests: 0, ..fast }, vec![], 0),
    ];
    for (schedule, sent, end) in table {
        assert_eq!(run(transaction(schedule)), (sent, end));
    }
}

#[test]
fn a_late_request_still_gets_its_full_time() {
    let mut transaction = transaction(Schedule::default());
    assert!(transaction.poll_transmit(Instant::from_millis(40)));
    assert!(!transaction.poll_transmit(Instant::from_millis(539)));
    assert!(transaction.poll_transmit(Instant::from_millis(700)));
    assert_eq!(transaction.poll_timeout(), Instant::from_millis(1700));
}

#[test]
fn measures_the_round_trip_of_a_request_sent_once() {
    let mut transaction = transaction(Schedule::default());
    assert_eq!(transaction.round_trip(Instant::from_millis(5)), None);
    transaction.poll_transmit(Instant::from_millis(10));
    let round_trip = Some(Duration::from_millis(80));
    assert_eq!(transaction.round_trip(Instant::from_millis(90)), round_trip);
    transaction.poll_transmit(Instant::from_millis(510));
    assert_eq!(transaction.requests_sent(), 2);
    assert_eq!(transaction.round_trip(Instant::from_millis(520)), None);
}

#[test]
fn a_cancelled_transaction_waits_for_as_long_as_before() {
    let mut transaction = transaction(Schedule::default());
    for at in [0, 500] {
        assert!(transaction.poll_transmit(Instant::from_millis(at)));
    }
    transaction.cancel(Instant::from_millis(600));
    assert_eq!(run(transaction), (vec![], 39_500));
}

#[test]
fn a_transaction_cancelled_before_it_began_is_over() {
    let mut transaction = transaction(Schedule::default());
    transaction.cancel(Instant::ZERO);
    assert!(!transaction.poll_transmit(Instant::ZERO));
    assert!(transaction.is_timed_out(Instant::ZERO));
}

#[test]
fn intervals_saturate() {
    let many = Schedule { rto: Duration::from_secs(1), requests: u32::MAX, patience: 16 };
    assert_eq!(many.interval(32), Duration::from_secs(1 << 31));
    assert_eq!(many.interval(33), Duration::from_secs(u64::from(u32::MAX)));
}
