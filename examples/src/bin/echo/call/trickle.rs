//! Candidates both ways, each as soon as it is known (trickle ICE, RFC 8838): who waits for the last
//! one waits for servers that never answer.

use patchcord::PeerConnection;
use tokio::sync::mpsc::UnboundedReceiver;

use super::signal::Server;
use crate::candidates::Candidate;

/// Ours to the server, and its own here, until both sides have told that there will be no more.
/// `id`: who we are there. What goes wrong is no end of the call: a path may be found without.
pub(super) async fn run(
    pc: PeerConnection,
    server: Server,
    id: u64,
    ours: UnboundedReceiver<Candidate>,
) {
    let (told, heard) = tokio::join!(tell(&server, id, ours), hear(&pc, &server, id));
    if let Err(error) = told {
        tracing::warn!("the server does not learn all our candidates: {error:#}");
    }
    if let Err(error) = heard {
        tracing::warn!("we do not learn all candidates of the server: {error:#}");
    }
}

async fn tell(
    server: &Server,
    id: u64,
    mut ours: UnboundedReceiver<Candidate>,
) -> anyhow::Result<()> {
    let mut batch = Vec::new();
    // What came during a request goes with the next one.
    while ours.recv_many(&mut batch, 64).await > 0 {
        server.tell(id, &batch).await?;
        batch.clear();
    }
    Ok(())
}

async fn hear(pc: &PeerConnection, server: &Server, id: u64) -> anyhow::Result<()> {
    let mut known = 0;
    loop {
        let more = server.ask(id, known).await?;
        known += more.len();
        for candidate in more {
            let is_end = candidate.is_end();
            pc.add_ice_candidate(Some(candidate.into())).await?;
            if is_end {
                return Ok(());
            }
        }
    }
}
