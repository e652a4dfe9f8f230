//! Properties that every machine has, whatever its protocol (see [`Machine`]).
//!
//! Each runs a script on a fresh [`Pair`] twice, the second time with interference that must not
//! matter, and compares the datagrams: their times, their ways and their bytes.

use sansio::Machine;

use crate::{Ends, Pair, Schedule, Trace};

/// The same seed and the same calls give the same bytes.
///
/// # Panics
///
/// If they do not.
pub fn replays<A, B>(build: impl Fn() -> Pair<A, B>, script: impl Fn(&mut Pair<A, B>))
where
    A: Machine,
    B: Machine<Path = A::Path>,
    A::Path: Ends,
{
    check("the second run differs", &build, &script, Schedule::default());
}

/// Calls of `handle_timeout` that come early or for no reason are harmless.
///
/// # Panics
///
/// If they change what is sent.
pub fn spurious_timeouts_change_nothing<A, B>(
    build: impl Fn() -> Pair<A, B>,
    script: impl Fn(&mut Pair<A, B>),
) where
    A: Machine,
    B: Machine<Path = A::Path>,
    A::Path: Ends,
{
    let schedule = Schedule { spurious: 0.5, ..Schedule::default() };
    check("a spurious handle_timeout changed the run", &build, &script, schedule);
}

/// Datagrams with a flipped bit are discarded and change nothing. For machines that authenticate
/// or checksum all they receive.
///
/// # Panics
///
/// If one is used, or changes what is sent.
pub fn damaged_copies_change_nothing<A, B>(
    build: impl Fn() -> Pair<A, B>,
    script: impl Fn(&mut Pair<A, B>),
) where
    A: Machine,
    B: Machine<Path = A::Path>,
    A::Path: Ends,
{
    let schedule = Schedule { damaged_copies: 1.0, ..Schedule::default() };
    let pair = check("a damaged copy changed the run", &build, &script, schedule);
    assert_eq!(pair.damaged_copies_used, 0, "damaged copies were used");
}

fn check<A, B>(
    complaint: &str,
    build: &impl Fn() -> Pair<A, B>,
    script: &impl Fn(&mut Pair<A, B>),
    schedule: Schedule,
) -> Pair<A, B>
where
    A: Machine,
    B: Machine<Path = A::Path>,
    A::Path: Ends,
{
    let mut expected = build();
    script(&mut expected);
    let mut actual = build();
    actual.schedule = schedule;
    script(&mut actual);
    compare(complaint, &expected.trace, &actual.trace);
    actual
}

fn compare(complaint: &str, expected: &Trace, actual: &Trace) {
    assert!(expected.entries().len() > 0, "the script sends nothing");
    for (i, (one, two)) in expected.entries().zip(actual.entries()).enumerate() {
        assert_eq!(one, two, "{complaint}: datagram {i}");
    }
    assert_eq!(
        expected.entries().len(),
        actual.entries().len(),
        "{complaint}: number of datagrams"
    );
}
