//! SDP: an offer of Chromium of 7.6 KB, parsed to types, and parsed and written; and the bare work,
//! the lines split and copied.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sdp::Session;

const OFFER: &str = include_str!("../../crates/sdp/tests/vectors/chromium_offer.sdp");

fn parse(text: &str) -> bool {
    black_box(Session::parse(text)).is_ok()
}

fn parse_and_write(text: &str, out: &mut String) {
    out.clear();
    if let Ok(session) = Session::parse(text) {
        session.write(out);
    }
}

fn copy_lines(text: &str, out: &mut String) {
    out.clear();
    for line in text.split("\r\n") {
        out.push_str(black_box(line));
        out.push_str("\r\n");
    }
}

fn sdp(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sdp");
    group.throughput(u64::try_from(OFFER.len()).map_or(Throughput::Elements(1), Throughput::Bytes));
    let mut out = String::new();
    parse_and_write(OFFER, &mut out);
    assert_eq!(out, OFFER, "what was read is what is written");
    group.bench_function("parse typed", |bench| bench.iter(|| parse(black_box(OFFER))));
    group.bench_function("parse and write", |bench| {
        bench.iter(|| parse_and_write(black_box(OFFER), &mut out));
    });
    group.bench_function("LIMIT split and copy", |bench| {
        bench.iter(|| copy_lines(black_box(OFFER), &mut out));
    });
    group.finish();
}

criterion_group!(benches, sdp);
criterion_main!(benches);
