//! OUT: one pull. Whoever is asked first goes first: ICE, the DTLS handshake, RTCP, RTP, then SCTP
//! sealed by DTLS.

use ice::{Agent, Route};
use sansio::{Ecn, Instant, Path, Transmit};

use super::machine::PeerConnection;
use crate::media::Media;
use crate::transport::{Srtp, Transport};

impl PeerConnection {
    /// Appends one datagram to `buf`.
    pub(super) fn pull(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let Self { transports, data, media, .. } = self;
        for transport in transports.iter_mut() {
            if let Some(transmit) = transport.pull(now, buf) {
                return Some(transmit);
            }
        }
        // What is bundled travels on the first transport.
        let Transport { ice, dtls, srtp, farewell, .. } = transports.first_mut()?;
        let route = farewell.or_else(|| ice.route())?;
        if let Some(srtp) = srtp
            && let Some(transmit) = pull_media(now, media, srtp, ice, route, buf)
        {
            return Some(transmit);
        }
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

/// Appends a datagram of RTCP, else one of RTP, protected in place.
fn pull_media(
    now: Instant,
    media: &mut Media,
    srtp: &mut Srtp,
    ice: &Agent,
    route: Route,
    buf: &mut Vec<u8>,
) -> Option<Transmit<Path>> {
    let start = buf.len();
    let packet = start + route.head;
    loop {
        buf.resize(packet, 0);
        let sealed = if media.poll_rtcp(now, buf) {
            srtp.outbound.protect_rtcp(buf, packet)
        } else if media.poll_rtp(now, buf) {
            srtp.outbound.protect(buf, packet)
        } else {
            buf.truncate(start);
            return None;
        };
        match sealed {
            Ok(()) => break,
            // A packet that may not be sent, a number used twice, is as if it had been lost.
            Err(error) => tracing::debug!(%error, "not protected"),
        }
        buf.truncate(start);
    }
    ice.wrap(route, buf.get_mut(start..)?);
    Some(Transmit { path: route.path, ecn: Ecn::NotEct, len: buf.len() - start })
}
