//! Exact times of rate and queue; statistics of everything that chance decides.

use super::*;

const MS: Duration = Duration::from_millis(1);

fn send(link: &mut Link<()>, now: Instant, bytes: &[u8]) -> Result<(), Dropped> {
    let mut data = bytes.to_vec();
    link.handle_input(now, Datagram::new((), now, &mut data))
}

/// Everything that arrives, with its time.
fn receive_all(link: &mut Link<()>) -> Vec<(Instant, Vec<u8>)> {
    let mut all = Vec::new();
    while let Some(at) = link.poll_timeout() {
        let mut buf = Vec::new();
        assert!(link.poll_transmit(at, &mut buf).is_some());
        all.push((at, buf));
    }
    all
}

/// Sends `n` numbered datagrams, 1 ms apart.
fn send_numbered(link: &mut Link<()>, n: u32) {
    for i in 0..n {
        let _lost = send(link, Instant::from_millis(i.into()), &i.to_be_bytes());
    }
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().unwrap())
}

#[test]
fn the_default_is_a_perfect_wire_without_delay() {
    let mut link = Link::new(LinkConfig::default(), 1);
    let now = Instant::from_millis(3);
    for bytes in [&b"one"[..], b"", b"three"] {
        send(&mut link, now, bytes).unwrap();
    }
    assert_eq!(link.in_flight(), 3);
    let arrived = receive_all(&mut link);
    assert_eq!(arrived, [(now, b"one".into()), (now, b"".into()), (now, b"three".into())]);
    let counters = link.counters;
    assert_eq!((counters.sent, counters.sent_bytes), (3, 8));
    assert_eq!((counters.delivered, counters.delivered_bytes), (3, 8));
}

#[test]
fn nothing_arrives_before_its_time() {
    let mut link = Link::new(LinkConfig::delayed(50 * MS), 1);
    send(&mut link, Instant::ZERO, b"x").unwrap();
    let mut buf = Vec::new();
    let due = Instant::from_millis(50);
    assert_eq!(link.poll_transmit(due - Duration::from_nanos(1), &mut buf), None);
    assert!(buf.is_empty());
    assert!(link.poll_transmit(due, &mut buf).is_some());
}

#[test]
fn rate_delays_each_datagram_by_those_before_it() {
    // 8 Mbit/s: a byte takes 1 us.
    let config = LinkConfig { rate: Some(8_000_000), ..LinkConfig::delayed(10 * MS) };
    let mut link = Link::new(config, 1);
    send(&mut link, Instant::ZERO, &[0; 1000]).unwrap();
    send(&mut link, Instant::ZERO, &[1; 500]).unwrap();
    // The bottleneck is idle again from 1.5 ms.
    send(&mut link, Instant::from_millis(4), &[2; 1000]).unwrap();
    let times: Vec<_> = receive_all(&mut link).iter().map(|a| a.0.as_nanos() / 1000).collect();
    assert_eq!(times, [11_000, 11_500, 15_000]);
}

#[test]
fn queue_drops_what_does_not_fit_and_drains_with_time() {
    let config = LinkConfig { rate: Some(8_000_000), queue: Some(1500), ..LinkConfig::default() };
    let mut link = Link::new(config, 1);
    // An idle bottleneck takes even a datagram larger than the queue.
    send(&mut link, Instant::ZERO, &[0; 2000]).unwrap();
    assert_eq!(
        send(&mut link, Instant::ZERO, &[1; 1000]),
        Err(Dropped::QueueFull { waiting: 2000 })
    );
    // After 1.5 ms, 500 bytes are left of the first: exactly 1000 fit, and then not one more.
    let now = Instant::from_nanos(1_500_000);
    send(&mut link, now, &[2; 1000]).unwrap();
    assert_eq!(send(&mut link, now, &[3; 1]), Err(Dropped::QueueFull { waiting: 1500 }));
    assert_eq!(link.counters.overflowed, 2);
    let times: Vec<_> = receive_all(&mut link).iter().map(|a| a.0.as_nanos() / 1000).collect();
    assert_eq!(times, [2000, 3000]);
}

#[test]
fn mtu_drops_larger_datagrams() {
    let mut link = Link::new(LinkConfig { mtu: Some(100), ..LinkConfig::default() }, 1);
    send(&mut link, Instant::ZERO, &[0; 100]).unwrap();
    let expected = Err(Dropped::TooLarge { len: 101, mtu: 100 });
    assert_eq!(send(&mut link, Instant::ZERO, &[0; 101]), expected);
    assert_eq!(link.counters.too_large, 1);
}

#[test]
fn loses_as_many_as_it_should() {
    let mut link = Link::new(LinkConfig { loss: 0.05, ..LinkConfig::default() }, 1);
    send_numbered(&mut link, 10_000);
    // Standard deviation 22.
    assert!(link.counters.lost.abs_diff(500) < 90, "{:?}", link.counters);
    let arrived = receive_all(&mut link);
    assert_eq!(arrived.len() as u64, 10_000 - link.counters.lost);
    assert!(arrived.is_sorted_by_key(|(_, bytes)| number(bytes)));
}

#[test]
fn jitter_spreads_delays_and_keeps_order() {
    let config = LinkConfig { jitter: 10 * MS, ..LinkConfig::delayed(20 * MS) };
    let mut link = Link::new(config, 1);
    // Far enough apart that none waits for the one before it.
    for i in 0..1000 {
        send(&mut link, Instant::from_millis(100 * i), &[]).unwrap();
    }
    let delays: Vec<_> = receive_all(&mut link)
        .iter()
        .enumerate()
        .map(|(i, (at, _))| *at - Instant::from_millis(100 * i as u64))
        .collect();
    let (min, max) = (*delays.iter().min().unwrap(), *delays.iter().max().unwrap());
    assert!((20 * MS..21 * MS).contains(&min) && (29 * MS..=30 * MS).contains(&max));
    let mean = delays.iter().sum::<Duration>() / 1000;
    assert!(mean.abs_diff(25 * MS) < MS / 2, "{mean:?}"); // standard deviation 0.09 ms

    send_numbered(&mut link, 1000);
    assert!(receive_all(&mut link).is_sorted_by_key(|(_, bytes)| number(bytes)));
}

#[test]
fn reordering_delays_some_and_loses_none() {
    let config = LinkConfig { reorder: 0.1, ..LinkConfig::delayed(20 * MS) };
    let mut link = Link::new(config, 1);
    send_numbered(&mut link, 1000);
    assert!(link.counters.reordered.abs_diff(100) < 40, "{:?}", link.counters);
    let mut numbers: Vec<_> = receive_all(&mut link).iter().map(|(_, b)| number(b)).collect();
    let overtaken = numbers.windows(2).filter(|w| w[1] < w[0]).count();
    assert!(overtaken > 50, "{overtaken}");
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..1000));
}

#[test]
fn duplicates_are_equal_copies() {
    let mut link = Link::new(LinkConfig { duplicate: 0.2, ..LinkConfig::default() }, 1);
    send_numbered(&mut link, 1000);
    assert!(link.counters.duplicated.abs_diff(200) < 50, "{:?}", link.counters);
    let mut arrived: Vec<_> = receive_all(&mut link).into_iter().map(|(_, b)| b).collect();
    assert_eq!(arrived.len() as u64, 1000 + link.counters.duplicated);
    arrived.dedup();
    assert_eq!(arrived.len(), 1000);
}

#[test]
fn corruption_flips_one_bit() {
    let mut link = Link::new(LinkConfig { corrupt: 0.3, ..LinkConfig::default() }, 1);
    for i in 0..1000 {
        send(&mut link, Instant::from_millis(i), &[0; 50]).unwrap();
    }
    let arrived = receive_all(&mut link);
    let flipped: Vec<u32> =
        arrived.iter().map(|(_, b)| b.iter().map(|b| b.count_ones()).sum()).collect();
    assert!(flipped.iter().all(|&bits| bits <= 1));
    let corrupted = flipped.iter().filter(|&&bits| bits == 1).count() as u64;
    assert_eq!(corrupted, link.counters.corrupted);
    assert!(corrupted.abs_diff(300) < 60, "{corrupted}");
}

#[test]
fn filters_decide_what_is_lost() {
    let mut link = Link::new(LinkConfig::default(), 1);
    link.drop_next(2);
    send_numbered(&mut link, 4);
    link.drop_if(|bytes| number(bytes) == 1);
    send_numbered(&mut link, 3);
    link.keep_all();
    send_numbered(&mut link, 2);
    let mut numbers: Vec<_> = receive_all(&mut link).iter().map(|(_, b)| number(b)).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 0, 1, 2, 2, 3]);
    assert_eq!(link.counters.lost, 3);
}

#[test]
fn losses_come_in_bursts_if_they_shall() {
    let mut link =
        Link::new(LinkConfig { loss: 0.02, loss_burst: 10.0, ..LinkConfig::default() }, 1);
    send_numbered(&mut link, 20_000);
    let numbers: Vec<_> = receive_all(&mut link).iter().map(|(_, b)| number(b)).collect();
    let gaps: Vec<_> = numbers.windows(2).map(|n| n[1] - n[0] - 1).filter(|n| *n > 0).collect();
    let mean = f64::from(gaps.iter().sum::<u32>()) / gaps.len() as f64;
    assert!((7.0..13.0).contains(&mean), "{mean}");
}

#[test]
fn counters_add_up() {
    let config = LinkConfig {
        loss: 0.1,
        duplicate: 0.1,
        reorder: 0.1,
        corrupt: 0.1,
        jitter: 3 * MS,
        rate: Some(30_000),
        queue: Some(40),
        mtu: Some(4),
        ..LinkConfig::default()
    };
    let mut link = Link::new(config, 1);
    send_numbered(&mut link, 1000);
    let _too_large = send(&mut link, Instant::from_millis(1000), &[0; 5]);
    let arrived = receive_all(&mut link).len() as u64;
    let c = link.counters;
    assert!(c.overflowed > 0 && c.too_large == 1 && c.lost > 0, "{c:?}");
    assert_eq!(c.delivered, arrived);
    assert_eq!(c.sent + c.duplicated, arrived + c.lost + c.overflowed + c.too_large);
}
