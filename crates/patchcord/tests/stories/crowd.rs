//! Many connections on one port, and several between the same two ports.

use std::sync::Arc;

use patchcord::{DataChannelInit, Endpoint, Message};
use tokio::sync::Barrier;

use crate::support::*;

/// A message goes to an echo and back, while all others are connected too.
async fn round_trip(a: Endpoint, b: Endpoint, all: Arc<Barrier>, n: usize) {
    let (caller, callee) = (connection(&a), connection(&b));
    tokio::spawn(echo(callee.clone()));
    let channel = caller.create_data_channel("crowd", DataChannelInit::default()).unwrap();
    signal(&caller, &callee).await;
    assert!(channel.opened().await);
    all.wait().await;
    let message = Message::text(format!("number {n}"));
    channel.send(message.clone()).await.unwrap();
    assert_eq!(channel.recv().await, Some(message));
    all.wait().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_peers_on_one_port() {
    let (server, all) = (endpoint().await, Arc::new(Barrier::new(100)));
    let mut tasks = Vec::new();
    for n in 0..100 {
        let (client, all) = (endpoint().await, Arc::clone(&all));
        tasks.push(tokio::spawn(round_trip(client, server.clone(), all, n)));
    }
    for task in tasks {
        within(task).await.unwrap();
    }
    until(|| server.peer_count() == 0).await;
    assert_eq!(server.local_addresses().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_connections_between_two_endpoints() {
    let (a, b, all) = (endpoint().await, endpoint().await, Arc::new(Barrier::new(12)));
    let tasks: Vec<_> = (0..12)
        .map(|n| tokio::spawn(round_trip(a.clone(), b.clone(), Arc::clone(&all), n)))
        .collect();
    for task in tasks {
        within(task).await.unwrap();
    }
    until(|| a.peer_count() + b.peer_count() == 0).await;
}

#[tokio::test]
async fn one_after_another_between_two_endpoints() {
    let (a, b) = (endpoint().await, endpoint().await);
    let mut pairs = Vec::new();
    for n in 0..4 {
        let pair = pair(&a, &b).await;
        within(pair.near.send(Message::text(format!("{n}")))).await.unwrap();
        pairs.push(pair);
    }
    for (n, pair) in pairs.iter().enumerate() {
        assert_eq!(within(pair.far.recv()).await, Some(Message::text(format!("{n}"))));
    }
}

#[tokio::test]
async fn an_endpoint_calls_itself() {
    let a = endpoint().await;
    let pair = pair(&a, &a).await;
    within(pair.far.send(Message::text("me"))).await.unwrap();
    assert_eq!(within(pair.near.recv()).await, Some(Message::text("me")));
}
