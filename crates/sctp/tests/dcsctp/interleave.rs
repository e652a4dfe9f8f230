//! I-DATA, RFC 8260, where both sides want it.

use core::time::Duration;

use dcsctp::api::Options;
use patchcord_sctp::Config;
use testkit::LinkConfig;

use crate::support::{
    EITHER, Mixed, Who, chunk_types, connected, ms, ordered, payload, read_from, send,
};

const DATA: u8 = 0;
const I_DATA: u8 = 64;

fn agreed(ours: bool, theirs: bool, who: Who) -> Mixed {
    let config = Config { interleaving: ours, ..Config::default() };
    let options = Options { enable_message_interleaving: theirs, ..Options::default() };
    let link = LinkConfig { rate: Some(5_000_000), ..LinkConfig::delayed(ms(20)) };
    connected(config, &options, link, (who, 1))
}

/// The streams in the order in which a small message that follows a large one arrives.
fn small_after_large(pair: &mut Mixed, who: Who) -> Vec<u16> {
    send(pair, who, &ordered(1, &payload(1, 256 << 10)));
    pair.run_for(ms(30));
    send(pair, who, &ordered(2, &payload(2, 100)));
    let mut arrived = Vec::new();
    let done = |pair: &mut Mixed| {
        arrived.extend(read_from(pair, who));
        arrived.len() == 2
    };
    assert!(pair.run_until(done, Duration::from_secs(30)), "{who:?}: stuck");
    for (stream, _, bytes) in &arrived {
        let (number, len) = if *stream == 1 { (1, 256 << 10) } else { (2, 100) };
        assert!(*bytes == payload(number, len), "{who:?}: stream {stream} is damaged");
    }
    arrived.iter().map(|message| message.0).collect()
}

#[test]
fn a_small_message_overtakes_a_large_one_where_both_interleave() {
    for connects in EITHER {
        let mut pair = agreed(true, true, connects);
        assert!(pair.a.is_interleaving());
        assert!(pair.b.metrics().uses_message_interleaving);
        for who in EITHER {
            assert_eq!(small_after_large(&mut pair, who), [2, 1], "{who:?}");
            let types = chunk_types(&pair, who);
            assert!(types.contains(&I_DATA) && !types.contains(&DATA), "{who:?}");
        }
    }
}

#[test]
fn it_takes_both() {
    for connects in EITHER {
        for (ours, theirs) in [(true, false), (false, true), (false, false)] {
            let mut pair = agreed(ours, theirs, connects);
            assert!(!pair.a.is_interleaving());
            assert!(!pair.b.metrics().uses_message_interleaving);
            for who in EITHER {
                assert_eq!(small_after_large(&mut pair, who), [1, 2], "{who:?}");
                let types = chunk_types(&pair, who);
                assert!(types.contains(&DATA) && !types.contains(&I_DATA), "{who:?}");
            }
        }
    }
}
