//! Bytes between a client's connection and the peer's that it was joined with, RFC 6062: as fast as
//! both ends take them, and as the bandwidth of the allocation allows.

use std::{cell::Cell, io, rc::Rc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    time::{Instant, sleep, sleep_until},
};
use turn::server::Toward;

use crate::{connections::Joined, core::Core};

/// So much is read at once, unless the bandwidth allows less.
const CHUNK: usize = 1 << 14;

/// A pair of connections.
struct Pair<'a> {
    core: &'a Rc<Core>,
    joined: &'a Joined,
    /// When bytes were last read or written.
    active: Cell<Instant>,
}

impl Core {
    /// Carries bytes to and fro until both ends have closed, or one is broken, or nothing has moved
    /// for too long. `first` has come from the client already.
    pub(crate) async fn carry<S>(self: &Rc<Self>, joined: &Joined, client: S, first: &[u8])
    where
        S: AsyncRead + AsyncWrite,
    {
        let Some(peer) = self.connections.take_waiting(joined.id) else { return };
        let _ = peer.set_nodelay(true);
        let pair = Pair { core: self, joined, active: Cell::new(Instant::now()) };
        let ((client_in, client_out), (peer_in, peer_out)) = (split(client), split(peer));
        let carried = async {
            tokio::try_join!(
                pair.one_way(Toward::Peer, first.chain(client_in), peer_out),
                pair.one_way(Toward::Client, peer_in, client_out)
            )
        };
        tokio::select! {
            outcome = carried => tracing::debug!(id = ?joined.id, ?outcome, "carried"),
            () = pair.silence() => tracing::debug!(id = ?joined.id, "silent"),
            () = joined.end.notified() => {}
        }
    }
}

impl Pair<'_> {
    async fn one_way<R, W>(&self, toward: Toward, mut from: R, mut to: W) -> io::Result<()>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let mut buffer = vec![0; self.core.burst.min(CHUNK)];
        loop {
            let count = from.read(&mut buffer).await?;
            self.moved(Duration::ZERO);
            if count == 0 {
                return to.shutdown().await;
            }
            let (now, id) = (self.core.clock.now(), self.joined.id);
            let wait = self.core.server.borrow_mut().handle_bytes(now, id, toward, count);
            let wait = wait.ok_or(io::ErrorKind::NotConnected)?;
            if !wait.is_zero() {
                self.moved(wait);
                sleep(wait).await;
            }
            let mut rest = &buffer[..count];
            while !rest.is_empty() {
                let written = to.write(rest).await?;
                if written == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                self.moved(Duration::ZERO);
                rest = &rest[written..];
            }
            to.flush().await?;
        }
    }

    /// Something has moved, or will so long from now.
    fn moved(&self, wait: Duration) {
        self.active.set(self.active.get().max(Instant::now() + wait));
    }

    /// Waits until nothing has moved for too long.
    async fn silence(&self) {
        loop {
            let until = self.active.get() + self.core.tcp_idle;
            if until <= Instant::now() {
                return;
            }
            sleep_until(until).await;
        }
    }
}
