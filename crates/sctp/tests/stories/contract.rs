//! The properties of every machine.

use patchcord_sctp::{SendOptions, StreamId};
use testkit::{LinkConfig, contract};

use crate::support::{Sctp, ms, pair, payload, read_all};

fn build() -> Sctp {
    pair(LinkConfig { loss: 0.05, reorder: 0.1, ..LinkConfig::delayed(ms(20)) }, 3)
}

fn script(pair: &mut Sctp) {
    pair.a.connect(pair.now);
    for n in 0..10 {
        let (id, options) = (StreamId(n as u16 % 2), SendOptions::default());
        pair.a.send(pair.now, id, payload(n, 7000), options).unwrap();
        pair.b.send(pair.now, id, payload(n, 700), options).unwrap();
        pair.run_for(ms(70));
        read_all(pair.now, &mut pair.a);
        read_all(pair.now, &mut pair.b);
    }
    pair.a.reset_streams(pair.now, &[StreamId(0)]);
    pair.run_for(ms(100_000));
    pair.b.shutdown(pair.now);
    pair.run_for(ms(100_000));
}

#[test]
fn runs_repeat_themselves() {
    contract::replays(build, script);
}

#[test]
fn spurious_timeouts_are_harmless() {
    contract::spurious_timeouts_change_nothing(build, script);
}

#[test]
fn damaged_copies_are_harmless() {
    contract::damaged_copies_change_nothing(build, script);
}
