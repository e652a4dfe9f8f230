//! OUT: one pull. Whoever is asked first goes first: ICE, the DTLS handshake, then SCTP sealed by
//! DTLS.

use sansio::{Instant, Path, Transmit};

use super::machine::PeerConnection;
use crate::transport::Transport;

impl PeerConnection {
    /// Appends one datagram to `buf`.
    pub(super) fn pull(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let Self { transports, data, .. } = self;
        for transport in transports.iter_mut() {
            if let Some(transmit) = transport.pull(now, buf) {
                return Some(transmit);
            }
        }
        // The data section's transport: the first one.
        let Transport { ice, dtls, farewell, .. } = transports.first_mut()?;
        let route = farewell.or_else(|| ice.route())?;
        let connection = dtls.connection_mut()?;
        let start = buf.len();
        let record = start + route.head;
        buf.resize(record + connection.head_room(), 0);
        let sealed = data.poll_transmit(now, buf).filter(|_| connection.seal(buf, record).is_ok());
        let Some(inner) = sealed else {
            buf.truncate(start);
            return None;
        };
        ice.wrap(route, buf.get_mut(start..)?);
        Some(Transmit { path: route.path, ecn: inner.ecn, len: buf.len() - start })
    }
}
