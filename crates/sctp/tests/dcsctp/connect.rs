//! Setting up, RFC 9260 §5: who begins does not matter.

use core::time::Duration;

use dcsctp::api::{Options, SctpImplementation};
use patchcord_sctp::{Config, Event};
use testkit::LinkConfig;

use crate::support::{
    EITHER, Who, both_stand, chunk_types, connect, ms, our_events, pair, their_events,
    without_strays,
};

#[test]
fn either_side_connects() {
    for who in EITHER {
        let link = LinkConfig::delayed(ms(20));
        let mut pair = pair(Config::default(), &Options::default(), link, 1);
        connect(&mut pair, who);
        pair.run_for(ms(79));
        assert!(!both_stand(&mut pair));
        pair.run_for(ms(2));
        assert!(both_stand(&mut pair), "{who:?}: two round trips");
        assert_eq!(our_events(&pair), [Event::Connected]);
        assert_eq!(their_events(&pair), ["OnConnected"]);
        assert_eq!(pair.a_discards, []);
    }
}

#[test]
fn both_sides_connect_at_once() {
    for seed in 0..8 {
        let link = LinkConfig::delayed(ms(20));
        let mut pair = pair(Config::default(), &Options::default(), link, seed);
        connect(&mut pair, Who::Ours);
        // Before, while and after the other's INIT is on its way.
        pair.run_for(ms(seed * 5));
        connect(&mut pair, Who::Theirs);
        assert!(pair.run_until(both_stand, Duration::from_secs(10)), "seed {seed}");
        pair.run_for(Duration::from_secs(5));
        assert!(both_stand(&mut pair), "seed {seed}");
        assert_eq!(our_events(&pair), [Event::Connected], "seed {seed}");
        // Our INIT ACK may come when the other set-up is done: it has the tag of the one given up.
        assert_eq!(without_strays(their_events(&pair)), ["OnConnected"], "seed {seed}");
        if seed < 4 {
            assert!(EITHER.iter().all(|who| chunk_types(&pair, *who).contains(&1)), "INITs cross");
        }
    }
}

#[test]
fn the_set_up_survives_loss() {
    for who in EITHER {
        for seed in 0..20 {
            let link = LinkConfig { loss: 0.3, ..LinkConfig::delayed(ms(20)) };
            let mut pair = pair(Config::default(), &Options::default(), link, seed);
            connect(&mut pair, who);
            assert!(pair.run_until(both_stand, Duration::from_secs(300)), "{who:?} {seed}");
        }
    }
}

#[test]
fn as_many_streams_as_both_want() {
    for who in EITHER {
        let config = Config { outbound_streams: 100, inbound_streams: 200, ..Config::default() };
        let options = Options {
            announced_maximum_incoming_streams: 50,
            announced_maximum_outgoing_streams: 300,
            ..Options::default()
        };
        let mut pair = pair(config, &options, LinkConfig::delayed(ms(20)), 1);
        connect(&mut pair, who);
        assert!(pair.run_until(both_stand, Duration::from_secs(10)));
        assert_eq!(pair.a.streams(), (50, 200));
        let metrics = pair.b.metrics();
        assert_eq!(metrics.negotiated_maximum_incoming_streams, 50);
        assert_eq!(metrics.negotiated_maximum_outgoing_streams, 200);
        assert_ne!(metrics.peer_implementation, SctpImplementation::DcsctpRs);
    }
}
