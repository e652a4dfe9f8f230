//! IN: one descent. What a datagram is, its first byte says (RFC 7983 §7).
//!
//! ```text
//!             all ──► ice takes a relay's wrapping off
//!   0..=3     STUN ──► ice
//!  20..=63    DTLS ──► dtls opens in place ──► sctp
//! 128..=191   SRTP ──► srtp opens in place ──► media
//! ```

use ice::{Checksum, Embedding};
use sansio::{Datagram, Instant, Machine, Path};
use thiserror::Error;

use super::machine::PeerConnection;
use crate::event::Event;
use crate::media::MediaDiscard;
use crate::transport::Transport;

/// Why a datagram was not used. Nothing changed but counters.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Discard {
    /// The connection was closed.
    #[error("the connection is closed")]
    Closed,
    /// A datagram without bytes.
    #[error("an empty datagram")]
    Empty,
    /// No protocol of ours begins with this byte.
    #[error("no protocol begins with {0:#04x}")]
    FirstByte(u8),
    /// DTLS before the description that carries its fingerprints, and no more room to keep it.
    #[error("DTLS before the remote description")]
    Early,
    /// ICE did not use it.
    #[error(transparent)]
    Ice(#[from] ice::Discard),
    /// DTLS did not use it.
    #[error(transparent)]
    Dtls(#[from] dtls::Discard),
    /// SRTP or SRTCP before its keys are there.
    #[error("SRTP before its keys")]
    NoKeys,
    /// SRTP could not be opened.
    #[error(transparent)]
    Srtp(#[from] srtp::Discard),
    /// The media engine did not use it.
    #[error(transparent)]
    Media(#[from] MediaDiscard),
    /// SCTP did not use it.
    #[error(transparent)]
    Sctp(#[from] sctp::Discard),
}

/// Whom a datagram was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    /// Media: nothing that stands below or beside it moves.
    Media,
    /// All the rest.
    Control,
}

impl PeerConnection {
    pub(super) fn descend(
        &mut self,
        now: Instant,
        input: Datagram<'_, Path>,
    ) -> Result<Layer, Discard> {
        if self.end.is_some() {
            return Err(Discard::Closed);
        }
        // With one transport there is nothing to choose.
        let Some(transport) = self.transports.first_mut() else { return Err(Discard::Closed) };
        let Some(input) = transport.ice.unwrap(now, input)? else { return Ok(Layer::Control) };
        match input.data.first() {
            None => return Err(Discard::Empty),
            Some(0..=3) => self.descend_stun(now, input)?,
            Some(20..=63) => self.descend_dtls(now, input)?,
            Some(128..=191) => {
                self.descend_media(now, input.received, input.data)?;
                return Ok(Layer::Media);
            }
            Some(&other) => return Err(Discard::FirstByte(other)),
        }
        Ok(Layer::Control)
    }

    /// A datagram of DTLS may ride in an authentic message.
    fn descend_stun(&mut self, now: Instant, input: Datagram<'_, Path>) -> Result<(), Discard> {
        let Some(transport) = self.transports.first_mut() else { return Err(Discard::Closed) };
        let (path, received) = (input.path, input.received);
        transport.ice.handle_input(now, input)?;
        let next = |transport: &mut Transport| transport.ice.poll_embedded();
        while let Some(mut datagram) = self.transports.first_mut().and_then(next) {
            let used = match datagram.first() {
                None => Err(Discard::Empty),
                Some(20..=63) => {
                    self.descend_dtls(now, Datagram::new(path, received, &mut datagram))
                }
                Some(&other) => Err(Discard::FirstByte(other)),
            };
            if let Err(reason) = used {
                tracing::debug!(%reason, "of no use in a check");
            }
        }
        Ok(())
    }

    /// One datagram of DTLS may hold several records: one good one makes it `Ok`.
    fn descend_dtls(&mut self, now: Instant, input: Datagram<'_, Path>) -> Result<(), Discard> {
        let Self { transports, data, .. } = self;
        let Some(transport) = transports.first_mut() else { return Err(Discard::Closed) };
        // Opening works in place.
        let embeds = matches!(transport.ice.embedding(), Embedding::Listening | Embedding::On);
        let checksum = embeds.then(|| Checksum::of(input.data));
        let Transport { dtls, .. } = transport;
        let Some(connection) = dtls.connection_mut() else {
            if !dtls.keep_early(input.data) {
                return Err(Discard::Early);
            }
            checksum.into_iter().for_each(|checksum| transport.ice.acknowledge(checksum));
            return Ok(());
        };
        let mut has_data = false;
        let (mut rest, mut used, mut bad) = (input.data, false, None);
        while !rest.is_empty() {
            match connection.open(now, &mut rest) {
                Ok(None) => used = true,
                Ok(Some(plaintext)) => {
                    has_data = true;
                    let inner = Datagram {
                        path: (),
                        ecn: input.ecn,
                        received: input.received,
                        data: plaintext,
                    };
                    match data.handle_input(now, inner) {
                        Ok(()) => used = true,
                        Err(discard) => bad = Some(discard.into()),
                    }
                }
                Err(discard) => bad = Some(discard.into()),
            }
        }
        if has_data {
            transport.complete_embedding();
        }
        match bad {
            Some(discard) if !used => Err(discard),
            _ => {
                checksum.into_iter().for_each(|checksum| transport.ice.acknowledge(checksum));
                Ok(())
            }
        }
    }

    /// Packets that had overtaken the end of the handshake. What marked them, and when exactly they
    /// came, nobody needs to know.
    pub(super) fn descend_overtook(&mut self, now: Instant) {
        let Self { transports, data, .. } = self;
        let Some(transport) = transports.first_mut() else { return };
        let next =
            |t: &mut Transport| t.dtls.connection_mut().and_then(dtls::Connection::poll_data);
        while let Some(mut packet) = next(transport) {
            transport.complete_embedding();
            if let Err(reason) = data.handle_input(now, Datagram::new((), now, &mut packet)) {
                tracing::debug!(%reason, "of no use before the handshake was complete");
            }
        }
    }

    /// RFC 5761 §4: what the payload type would be tells RTCP from RTP.
    fn descend_media(
        &mut self,
        now: Instant,
        received: Instant,
        bytes: &mut [u8],
    ) -> Result<(), Discard> {
        let Self { transports, media, events, .. } = self;
        let keys = transports.first_mut().and_then(|transport| transport.srtp.as_mut());
        let keys = keys.ok_or(Discard::NoKeys)?;
        if matches!(bytes.get(1), Some(192..=223)) {
            let packets = keys.inbound.unprotect_rtcp(bytes)?;
            media.handle_rtcp(now, packets, events)?;
        } else {
            let packet = keys.inbound.unprotect(bytes)?;
            let readable = media.handle_rtp(now, received, packet)?;
            events.extend(readable.map(Event::RtpReadable));
        }
        Ok(())
    }
}
