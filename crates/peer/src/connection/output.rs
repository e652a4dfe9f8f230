//! OUT: one pull. Whoever is asked first goes first: ICE, the DTLS handshake, RTCP, RTP, then SCTP
//! sealed by DTLS.

use sansio::{Instant, Path, Transmit};

use super::machine::PeerConnection;
use crate::transport::Transport;

impl PeerConnection {
    /// Appends one datagram to `buf`.
    pub(super) fn pull(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let awake = self.control.is_awake(now);
        if awake {
            for transport in &mut self.transports {
                if let Some(transmit) = transport.pull(now, buf) {
                    return Some(transmit);
                }
            }
        }
        if let Some(transmit) = self.pull_media(now, buf) {
            return Some(transmit);
        }
        if !awake {
            return None;
        }
        let pulled = self.pull_data(now, buf);
        let mut transports = self.transports.iter_mut();
        let transmit =
            pulled.or_else(|| transports.find_map(|transport| transport.pull_last(now, buf)));
        if transmit.is_none() {
            // A check over TCP asks for its stream when its turn comes, which is here.
            if self.transports.iter().any(|transport| transport.ice.has_events()) {
                self.settle(now);
                return self.pull(now, buf);
            }
            self.fall_asleep();
        }
        transmit
    }

    /// A datagram of RTCP, else one of RTP, protected in place. What is bundled travels on the
    /// first transport.
    fn pull_media(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let Self { transports, media, .. } = self;
        let Transport { ice, srtp, farewell, .. } = transports.first_mut()?;
        let srtp = srtp.as_mut()?;
        let route = farewell.or_else(|| ice.route())?;
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
        }
        ice.wrap(now, route, buf, start)
    }

    /// A packet of SCTP, sealed by DTLS.
    fn pull_data(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let Self { transports, data, .. } = self;
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
        let transmit = ice.wrap(now, route, buf, start)?;
        Some(Transmit { ecn: inner.ecn, ..transmit })
    }
}
