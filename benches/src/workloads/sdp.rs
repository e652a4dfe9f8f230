//! SDP: an offer of Chromium with a data channel, audio and video, parsed and written again.

mod limit;
mod patchcord;
#[cfg(feature = "contenders")]
mod rivals;

use std::hint::black_box;

use crate::bench::{Bench, OURS, Unit};
use crate::race::Entry;

const OFFER: &str = include_str!("../../data/chromium-offer.sdp");

struct Contender {
    name: &'static str,
    /// Parses, and drops the result; false if it cannot.
    parse: fn(&str) -> bool,
    /// Parses and serializes.
    round_trip: fn(&str) -> String,
}

fn contenders() -> Vec<Contender> {
    let all = [
        vec![
            Contender { name: OURS, parse: patchcord::parse, round_trip: patchcord::round_trip },
            Contender { name: limit::NAME, parse: limit::parse, round_trip: limit::round_trip },
        ],
        #[cfg(feature = "contenders")]
        rivals::contenders(),
    ];
    all.into_iter().flatten().collect()
}

pub(crate) fn run(bench: &mut Bench<'_>) {
    let all: Vec<_> = contenders().into_iter().filter(|c| bench.wants(c.name)).collect();
    print_losses(&all);
    let parse = |c: &Contender| {
        let parse = c.parse;
        Entry::timed(c.name, move || assert!(parse(black_box(OFFER))))
    };
    bench.case("parse typed", Unit::Nanos, 21, all.iter().map(parse).collect());
    let round_trip = |c: &Contender| {
        let round_trip = c.round_trip;
        Entry::timed(c.name, move || drop(black_box(round_trip(black_box(OFFER)))))
    };
    bench.case("parse and write", Unit::Nanos, 21, all.iter().map(round_trip).collect());
}

/// What is left of the offer after a round trip: attributes that stay strings cannot get lost.
fn print_losses(all: &[Contender]) {
    let (bytes, lines) = (OFFER.len(), OFFER.lines().count());
    println!("\nOf {bytes} bytes, {lines} lines, a round trip leaves:\n");
    println!("| contender | bytes | lines | lines lost or changed |\n|---|---:|---:|---:|");
    for Contender { name, round_trip, .. } in all {
        let text = round_trip(OFFER);
        let lost = OFFER.lines().filter(|line| !text.lines().any(|kept| kept == *line)).count();
        println!("| {name} | {} | {} | {lost} |", text.len(), text.lines().count());
    }
}
