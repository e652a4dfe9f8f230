//! Who ends what: channels, connections, endpoints, the runtime.

use crate::support::*;
use patchcord::{CloseReason, ConnectionState, DataChannelInit, Event, Message};

/// The events of a connection until it is over.
async fn last_state(connection: &patchcord::PeerConnection) -> Option<ConnectionState> {
    within(async {
        let mut last = None;
        while let Some(event) = connection.next_event().await {
            if let Event::ConnectionStateChange(state) = event {
                last = Some(state);
            }
        }
        last
    })
    .await
}

#[tokio::test]
async fn dropping_the_last_handle_ends_both_sides() {
    let (a, b) = (endpoint().await, endpoint().await);
    let Pair { caller, callee, near, far } = pair(&a, &b).await;
    let clone = caller.clone();
    drop(caller);
    within(near.send(Message::text("still here"))).await.unwrap();
    assert_eq!(within(far.recv()).await, Some(Message::text("still here")));
    drop(near);
    assert_eq!(a.peer_count(), 1);
    drop(clone);
    until(|| a.peer_count() == 0).await;
    // The other side learns it, and has nothing left but what its handles hold.
    assert_eq!(within(far.recv()).await, None);
    assert_eq!(last_state(&callee).await, Some(ConnectionState::Closed));
    until(|| b.peer_count() == 0).await;
    assert!(matches!(callee.close_reason(), Some(CloseReason::Connection(_))));
}

#[tokio::test]
async fn a_channel_keeps_its_connection_alive() {
    let (a, b) = (endpoint().await, endpoint().await);
    let Pair { caller, callee, near, far } = pair(&a, &b).await;
    drop((caller, callee));
    within(near.send(Message::text("alone"))).await.unwrap();
    assert_eq!(within(far.recv()).await, Some(Message::text("alone")));
    assert_eq!((a.peer_count(), b.peer_count()), (1, 1));
    drop(near);
    until(|| a.peer_count() == 0).await;
    assert_eq!(within(far.recv()).await, None);
    drop(far);
    until(|| b.peer_count() == 0).await;
}

#[tokio::test]
async fn a_connection_that_was_never_used_leaves_nothing() {
    let a = endpoint().await;
    for _ in 0..10 {
        let connection = connection(&a);
        let _channel = connection.create_data_channel("x", DataChannelInit::default()).unwrap();
        let _ = connection.set_local_description(None).await;
    }
    until(|| a.peer_count() == 0).await;
}

#[tokio::test]
async fn a_dropped_channel_closes_and_the_connection_goes_on() {
    let (a, b) = (endpoint().await, endpoint().await);
    let pair = pair(&a, &b).await;
    let second = pair.caller.create_data_channel("second", DataChannelInit::default()).unwrap();
    let far_second = incoming(&pair.callee).await;
    within(second.send(Message::text("last words"))).await.unwrap();
    drop(second);
    assert_eq!(within(far_second.recv()).await, Some(Message::text("last words")));
    assert_eq!(within(far_second.recv()).await, None);
    within(far_second.closed()).await;
    assert!(far_second.send(Message::text("nobody")).await.is_err());
    within(pair.near.send(Message::text("on"))).await.unwrap();
    assert_eq!(within(pair.far.recv()).await, Some(Message::text("on")));
}

#[tokio::test]
async fn close_of_a_channel_is_learnt_by_both_sides() {
    let (a, b) = (endpoint().await, endpoint().await);
    let pair = pair(&a, &b).await;
    pair.far.close();
    within(pair.near.closed()).await;
    within(pair.far.closed()).await;
    assert_eq!(within(pair.near.recv()).await, None);
    assert!(!pair.near.opened().await);
}

#[tokio::test]
async fn close_says_goodbye() {
    let (a, b) = (endpoint().await, endpoint().await);
    let pair = pair(&a, &b).await;
    within(pair.caller.close()).await;
    assert_eq!(a.peer_count(), 0);
    assert_eq!(pair.caller.connection_state(), ConnectionState::Closed);
    assert_eq!(last_state(&pair.callee).await, Some(ConnectionState::Closed));
    within(pair.callee.close()).await;
    assert!(pair.caller.create_data_channel("late", DataChannelInit::default()).is_err());
    assert!(pair.caller.create_offer(Default::default()).await.is_err());
}

#[tokio::test]
async fn closing_an_endpoint_closes_all_its_connections() {
    let (a, b) = (endpoint().await, endpoint().await);
    let pairs = [pair(&a, &b).await, pair(&a, &b).await, pair(&a, &b).await];
    let unused = connection(&a);
    within(a.close()).await;
    assert_eq!(a.peer_count(), 0);
    assert!(a.peer_connection(Default::default()).is_err());
    last_state(&unused).await;
    for pair in &pairs {
        assert_eq!(within(pair.far.recv()).await, None);
        assert_eq!(last_state(&pair.callee).await, Some(ConnectionState::Closed));
    }
    until(|| b.peer_count() == 0).await;
    within(a.close()).await;
}

#[tokio::test]
async fn connections_outlive_the_handle_of_their_endpoint() {
    let (a, b) = (endpoint().await, endpoint().await);
    let pair = pair(&a, &b).await;
    drop((a, b));
    within(pair.near.send(Message::text("orphan"))).await.unwrap();
    assert_eq!(within(pair.far.recv()).await, Some(Message::text("orphan")));
}

#[test]
fn a_runtime_that_ends_ends_its_connections() {
    let driving = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let pair = driving.block_on(async {
        let (a, b) = (endpoint().await, endpoint().await);
        pair(&a, &b).await
    });
    drop(driving);
    let other = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    other.block_on(async {
        assert_eq!(within(pair.near.recv()).await, None);
        within(pair.caller.close()).await;
    });
    assert!(matches!(pair.caller.close_reason(), Some(CloseReason::Runtime)));
}
