//! Negotiations of all kinds, and descriptions that were damaged on their way: both ends agree, and
//! what is refused changes nothing.

#![cfg(test)]

extern crate patchcord_peer as peer;

mod call;
mod exercise;
mod signalling;

use proptest::prelude::*;
use signalling::{NOW, fresh, offer, seen, take_answer, take_offer, with_media};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn both_ends_agree_whatever_is_negotiated(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        exercise::negotiation::exercise(&bytes);
    }

    #[test]
    fn any_text_is_refused_or_answered(text in "(v=0\r\no=- 1 1 IN IP4 0\r\ns=-\r\nt=0 0\r\n)?([a-z]=[ -~]{0,40}\r\n){0,12}") {
        let (mut peer, ..) = with_media(1);
        let before = seen(&peer);
        match take_offer(&mut peer, &text) {
            Ok(()) => drop(offer(&mut peer)),
            Err(_) => prop_assert_eq!(seen(&peer), before),
        }
    }
}

/// Each line of an offer and of an answer left out, and each cut short.
#[test]
fn every_line_may_be_missing_or_cut() {
    let (mut a, ..) = with_media(1);
    a.create_data_channel(NOW, "d", &Default::default()).unwrap();
    let offered = offer(&mut a);
    let mut b = fresh(2);
    let answered = signalling::answered(&mut b, &offered);
    let before = seen(&a);
    let variants = |text: &str| {
        let lines: Vec<&str> = text.split_inclusive("\r\n").collect();
        let without = |n: usize| [&lines[..n], &lines[n + 1..]].concat().concat();
        let cut = |n: usize| {
            let half = &lines[n][..lines[n].len() / 2];
            [&lines[..n], &[half, "\r\n"], &lines[n + 1..]].concat().concat()
        };
        (0..lines.len()).flat_map(|n| [without(n), cut(n)]).collect::<Vec<_>>()
    };
    let mut refused = 0;
    for text in variants(&answered) {
        if take_answer(&mut a, &text).is_err() {
            assert_eq!(seen(&a), before, "{text}");
            refused += 1;
        } else {
            // Once more from the beginning: it was taken.
            a = with_media(1).0;
            a.create_data_channel(NOW, "d", &Default::default()).unwrap();
            offer(&mut a);
            assert_eq!(seen(&a), before);
        }
    }
    assert!(refused > 20, "{refused}");
    for text in variants(&offered) {
        let mut b = fresh(2);
        let before = seen(&b);
        if take_offer(&mut b, &text).is_err() {
            assert_eq!(seen(&b), before, "{text}");
        } else {
            signalling::answer(&mut b);
        }
    }
}
