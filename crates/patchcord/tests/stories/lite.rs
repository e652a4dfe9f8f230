//! A server that is an ICE lite agent, and what statistics say of its candidates.

use patchcord::{Config, IceConnectionState, IceRole, Message};

use crate::support::*;

#[tokio::test]
async fn a_lite_server_answers_and_is_connected() {
    let (client, server) = (endpoint().await, endpoint().await);
    let mut config = Config::default();
    config.ice_lite = true;
    let lite = server.peer_connection(config).unwrap();
    let pair = pair_with(connection(&client), lite).await;
    let described = pair.callee.local_description().unwrap().sdp;
    assert!(described.lines().any(|line| line == "a=ice-lite"));
    within(pair.near.send(Message::text("there"))).await.unwrap();
    assert_eq!(within(pair.far.recv()).await, Some(Message::text("there")));
    until(|| pair.callee.ice_connection_state() == IceConnectionState::Completed).await;

    let stats = pair.callee.ice_stats();
    assert_eq!(stats.transport.ice_role, Some(IceRole::Controlled));
    let [used] = &stats.candidate_pairs[..] else { unreachable!("{stats:?}") };
    assert_eq!(stats.transport.selected_candidate_pair_id, Some(used.id));
    let counters = &used.counters;
    assert_eq!((counters.requests_sent, counters.consent_requests_sent), (0, 0), "it asks nothing");
    let traffic = &counters.traffic;
    assert!(counters.requests_received > 0 && traffic.bytes_received > 0 && traffic.bytes_sent > 0);
}
