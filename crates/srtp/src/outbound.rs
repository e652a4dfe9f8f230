//! Protection of the packets of one direction, RFC 3711 §3.3.

use core::fmt;

use rtp::ParseError;
use sansio::Rng;

use crate::derivation::{Derivation, Protocol};
use crate::header::{self, MAX_PACKET, RtpHeader};
use crate::index::{self, Position};
use crate::sent::{Sent, Use};
use crate::streams::Streams;
use crate::transform::Transform;
use crate::{KeyError, Profile, ProtectError};

/// Packets that one key may protect, RFC 3711 §9.2 and RFC 7714 §14.
const MAX_RTP_PACKETS: u64 = 1 << 48;
const MAX_RTCP_PACKETS: u32 = 1 << 31;

/// Protects what one side sends, with the key of that direction.
///
/// # Streams
///
/// Each SSRC is a stream with a rollover counter of its own, which begins at zero. A receiver has to
/// guess it, so a stream's first sequence number should be less than 2^15: if the packets before the
/// first rollover get lost, nobody can tell that there was one. A stream is kept as long as the
/// key, since its numbers must never be used again; each takes 4 kB.
///
/// # Numbers that come again
///
/// Numbers may be left out, and come out of order. A number that was used is good for the very same
/// packet only, which then becomes the very same bytes: so much for a retransmission without RTX
/// (RFC 4588). Anything else under that number is refused, by one header extension that differs;
/// under all profiles. So is a number more than 511 behind the highest of its stream, of which
/// nobody knows any more what it was used for.
pub struct Outbound {
    profile: Profile,
    rtp: Transform,
    rtcp: Transform,
    streams: Streams<Sent>,
    rtp_packets: u64,
    /// Of the next RTCP packet. One counter for all SSRCs, which RFC 3711 §3.4 allows as long as it
    /// only ever rises.
    rtcp_index: u32,
}

impl Outbound {
    /// With a master key and a master salt, as DTLS exports them.
    ///
    /// # Errors
    ///
    /// One of them is of another length than the profile's.
    pub fn new(
        profile: Profile,
        key: &[u8],
        salt: &[u8],
        rng: &mut dyn Rng,
    ) -> Result<Self, KeyError> {
        let derivation = Derivation::new(profile, key, salt)?;
        Ok(Self {
            profile,
            rtp: Transform::new(profile, &derivation.keys(Protocol::Rtp))?,
            rtcp: Transform::new(profile, &derivation.keys(Protocol::Rtcp))?,
            streams: Streams::new(rng),
            rtp_packets: 0,
            rtcp_index: 0,
        })
    }

    /// Protects the RTP packet that begins at `at` and ends with the buffer: encrypts its payload
    /// where it lies and appends [`tag_len`](Profile::tag_len) bytes.
    ///
    /// # Errors
    ///
    /// It is no RTP packet or too long, its number was used for another packet or is too old, or
    /// the key is used up. The buffer is as it was.
    #[inline]
    pub fn protect(&mut self, buf: &mut Vec<u8>, at: usize) -> Result<(), ProtectError> {
        let packet = buf.get(at..).unwrap_or_default();
        let RtpHeader { ssrc, number, len: clear } = RtpHeader::parse(packet)?;
        check_len(packet, self.profile.tag_len())?;
        let too_old = ProtectError::TooOld { ssrc, sequence_number: number };
        let stream = self.streams.get_mut(ssrc);
        let (index, used) = match &stream {
            None => (u64::from(number.0), Use::None),
            Some(sent) => {
                let index = index::guess(sent.highest(), number).ok_or(too_old)?;
                (index, sent.find(index))
            }
        };
        let position = Position { ssrc, index };
        match used {
            Use::Forgotten => Err(too_old),
            Use::Packet(_) => self.protect_again(position, clear, buf, at),
            Use::None => {
                if index > index::MAX_RTP || self.rtp_packets >= MAX_RTP_PACKETS {
                    return Err(ProtectError::Exhausted);
                }
                let fingerprint =
                    self.rtp.seal_rtp(position, clear, buf, at).ok_or(misfit(clear))?;
                match stream {
                    Some(sent) => sent.record(index, fingerprint),
                    None => self.streams.insert(ssrc, Sent::new(index, fingerprint)),
                }
                self.rtp_packets = self.rtp_packets.saturating_add(1);
                Ok(())
            }
        }
    }

    /// Protects a packet whose number has been used. If it is not the packet that it was, what was
    /// made of it is taken back: nobody must see both.
    #[cold]
    fn protect_again(
        &mut self,
        position: Position,
        clear: usize,
        buf: &mut Vec<u8>,
        at: usize,
    ) -> Result<(), ProtectError> {
        let end = buf.len();
        let fingerprint = self.rtp.seal_rtp(position, clear, buf, at).ok_or(misfit(clear))?;
        let sent = self.streams.get_mut(position.ssrc).map(|sent| sent.find(position.index));
        if sent == Some(Use::Packet(fingerprint)) {
            return Ok(());
        }
        if let Some(packet) = buf.get_mut(at..) {
            let opened = self.rtp.open_rtp(position, clear, packet);
            debug_assert_eq!(opened, Ok(()), "it was sealed a moment ago");
        }
        buf.truncate(end);
        Err(ProtectError::Reused {
            ssrc: position.ssrc,
            sequence_number: position.sequence_number(),
        })
    }

    /// Protects the RTCP packet that begins at `at` and ends with the buffer, compound or not:
    /// encrypts all but its first 8 bytes where it lies and appends
    /// [`rtcp_overhead`](Profile::rtcp_overhead) bytes.
    ///
    /// # Errors
    ///
    /// It is no RTCP packet or too long, or the key is used up. The buffer is as it was.
    #[inline]
    pub fn protect_rtcp(&mut self, buf: &mut Vec<u8>, at: usize) -> Result<(), ProtectError> {
        let packet = buf.get(at..).unwrap_or_default();
        let ssrc = header::rtcp_ssrc(packet)?;
        check_len(packet, self.profile.rtcp_overhead())?;
        if self.rtcp_index >= MAX_RTCP_PACKETS {
            return Err(ProtectError::Exhausted);
        }
        let position = Position { ssrc, index: u64::from(self.rtcp_index) };
        self.rtcp.seal_rtcp(position, buf, at).ok_or(misfit(header::RTCP))?;
        self.rtcp_index = self.rtcp_index.saturating_add(1);
        Ok(())
    }

    /// How packets are protected.
    pub fn profile(&self) -> Profile {
        self.profile
    }
}

/// What sealing would answer to a packet shorter than its header, which has been looked at before.
#[inline]
fn misfit(clear: usize) -> ProtectError {
    ProtectError::Malformed(ParseError::Truncated { needed: clear, had: 0 })
}

#[inline]
fn check_len(packet: &[u8], added: usize) -> Result<(), ProtectError> {
    let len = packet.len().saturating_add(added);
    if len > MAX_PACKET {
        return Err(ProtectError::TooLong { len, max: MAX_PACKET });
    }
    Ok(())
}

impl fmt::Debug for Outbound {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("profile", &self.profile)
            .field("streams", &self.streams.len())
            .field("rtp_packets", &self.rtp_packets)
            .field("rtcp_index", &self.rtcp_index)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
