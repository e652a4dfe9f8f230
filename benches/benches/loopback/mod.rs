//! Two endpoints on the loopback interface, and signalling between their connections.

use std::sync::Arc;

use patchcord::{Certificate, Endpoint, EndpointConfig, PeerConnection};
use tokio::runtime::{Builder, Runtime};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

pub(crate) async fn endpoints() -> Result<[Endpoint; 2]> {
    let config = EndpointConfig {
        udp: "127.0.0.1:0".parse()?,
        certificate: Some(Arc::new(Certificate::generate()?)),
        ..Default::default()
    };
    Ok([Endpoint::bind(config.clone()).await?, Endpoint::bind(config).await?])
}

/// The caller's offer goes one way.
pub(crate) async fn offer(caller: &PeerConnection, callee: &PeerConnection) -> Result<()> {
    caller.set_local_description(None).await?;
    callee.set_remote_description(caller.local_description().ok_or("no offer")?).await?;
    Ok(())
}

/// The callee's answer goes the other.
pub(crate) async fn answer(caller: &PeerConnection, callee: &PeerConnection) -> Result<()> {
    callee.set_local_description(None).await?;
    caller.set_remote_description(callee.local_description().ok_or("no answer")?).await?;
    Ok(())
}

pub(crate) fn runtimes() -> Result<[(&'static str, Runtime); 2]> {
    Ok([
        ("one thread", Builder::new_current_thread().enable_all().build()?),
        ("two threads", Builder::new_multi_thread().worker_threads(2).enable_all().build()?),
    ])
}
