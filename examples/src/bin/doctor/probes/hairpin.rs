//! Whether we reach our own public address from inside (RFC 4787 §6), as two people behind one
//! router do when all they know of each other are public addresses.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use stun::AttributeType;

use crate::binding::Asker;

/// How often, and how far apart, a message to ourselves is sent.
const TRIES: usize = 4;
const PAUSE: Duration = Duration::from_millis(150);

/// `None`: the server did not say what our public address is.
pub(crate) async fn look(local: IpAddr, server: SocketAddr) -> io::Result<Option<bool>> {
    let mut asker = Asker::bind(local).await?;
    let mapped = asker.ask(server).await.and_then(|answer| answer.mapped);
    let Some(mapped) = mapped.filter(|mapped| *mapped != asker.local()) else { return Ok(None) };
    let mut ids = Vec::new();
    for _ in 0..TRIES {
        // Sent from the socket that it goes to: so its filter lets it in.
        ids.push(asker.send(mapped, (AttributeType::SOFTWARE, b"hairpin")).await);
        let until = asker.after(PAUSE);
        if asker.hear(&ids, until).await.is_some() {
            return Ok(Some(true));
        }
    }
    Ok(Some(false))
}
