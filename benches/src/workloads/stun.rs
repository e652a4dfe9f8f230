//! STUN: an ICE Binding request (USERNAME, ICE-CONTROLLING, PRIORITY, USE-CANDIDATE,
//! MESSAGE-INTEGRITY, FINGERPRINT), built, and parsed with all its checks.

mod limit;
mod patchcord;
#[cfg(feature = "contenders")]
mod rivals;

use std::hint::black_box;

use crate::bench::{Bench, OURS, Unit};
use crate::race::Entry;

const USERNAME: &str = "evtj:h6vY0123";
const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBtab";
const TIE_BREAKER: u64 = 0x932f_f9b1_5126_3b36;
const PRIORITY: u32 = 0x6e00_01ff;
/// What everybody's request must come to.
const LENGTH: usize = 96;

trait Stun {
    /// Builds the request, with a fresh transaction ID, into `out`.
    fn build(&mut self, out: &mut Vec<u8>);
    /// Parses and verifies; the username and the priority must come out.
    fn check(&self, message: &[u8]) -> bool;
    /// False for one that does not look at the fingerprint of what it parses.
    fn checks_fingerprint(&self) -> bool {
        true
    }
}

type Contender = (&'static str, fn() -> Box<dyn Stun>);

fn contenders() -> Vec<Contender> {
    let ours: Vec<Contender> = vec![
        (OURS, || Box::new(patchcord::Ours::new())),
        (limit::NAME, || Box::new(limit::Limit::new())),
    ];
    let all = [
        ours,
        #[cfg(feature = "contenders")]
        rivals::contenders(),
    ];
    all.into_iter().flatten().collect()
}

pub(crate) fn run(bench: &mut Bench<'_>) {
    let mut message = Vec::new();
    patchcord::Ours::new().build(&mut message);
    let (mut build, mut check) = (Vec::new(), Vec::new());
    for (name, make) in contenders() {
        if !name.starts_with("LIMIT") {
            verify(name, &mut *make(), &message);
        }
        let (mut builder, mut out) = (make(), Vec::with_capacity(256));
        build.push(Entry::timed(name, move || builder.build(black_box(&mut out))));
        let (checker, message) = (make(), message.clone());
        check.push(Entry::timed(name, move || assert!(checker.check(black_box(&message)))));
    }
    bench.case("parse and verify", Unit::Nanos, 21, check);
    bench.case("build", Unit::Nanos, 21, build);
}

/// Everybody does the whole work: builds the same request, and rejects a forged one.
fn verify(name: &str, contender: &mut dyn Stun, message: &[u8]) {
    let mut built = Vec::new();
    contender.build(&mut built);
    assert_eq!(built.len(), LENGTH, "{name}");
    assert!(patchcord::Ours::new().check(&built), "{name} builds what we reject");
    assert!(contender.check(message), "{name} rejects the reference");
    let mut forged = message.to_vec();
    forged[LENGTH - 16] ^= 1;
    assert!(!contender.check(&forged), "{name} accepts a broken integrity");
    let mut damaged = message.to_vec();
    damaged[LENGTH - 1] ^= 1;
    assert_eq!(!contender.check(&damaged), contender.checks_fingerprint(), "{name}, fingerprint");
}
