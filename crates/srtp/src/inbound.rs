//! Verification and decryption of the packets of one direction, RFC 3711 §3.3.

use core::fmt;

use rtp::SequenceNumber;
use sansio::Rng;

use crate::derivation::{Derivation, Protocol};
use crate::header::{self, MAX_PACKET, RtpHeader};
use crate::index::{self, Position, ROLLOVER};
use crate::streams::Streams;
use crate::transform::{ENCRYPTED, Transform};
use crate::window::{Seen, Window};
use crate::{Config, Counters, Discard, KeyError, Profile};

/// The least and the most that a replay window reaches back: RFC 3711 §3.3.2, and as far as a
/// sequence number says which packet it is.
const REPLAY_WINDOW: core::ops::RangeInclusive<usize> = 64..=32_768;
/// How far the window of RTCP reaches back. Reports are few.
const RTCP_REPLAY_WINDOW: usize = 128;
/// Packets in a row that were not taken, after which a rollover may have been missed.
const LOST_AFTER: u32 = 128;
/// How many rollovers may have been missed, one less.
const ROLLOVERS: u64 = 4;

/// Verifies and decrypts what the other side sends, with the key of that direction.
///
/// Nothing is remembered of a packet that does not verify: it is counted, and that is all. A
/// stream, that is an SSRC, begins with the first packet of it that does.
///
/// # Lost rollovers
///
/// If 2^15 packets of a stream or more are lost in a row, its sequence numbers do not tell any more
/// how often they rolled over (RFC 3711 §3.3.1), and every packet after that looks forged or old. After 128 such packets in a row, packets are tried with up to three rollovers more, in
/// turns, until one verifies. So a stream comes back after an outage, at no cost for forged packets.
pub struct Inbound {
    profile: Profile,
    rtp: Transform,
    rtcp: Transform,
    config: Config,
    streams: Streams<Stream>,
    rtcp_streams: Streams<Window>,
    counters: Counters,
}

/// What was received of a stream.
#[derive(Debug)]
struct Stream {
    window: Window,
    /// Packets in a row that were not taken.
    failures: u32,
}

impl Inbound {
    /// With the other side's master key and master salt, as DTLS exports them.
    ///
    /// # Errors
    ///
    /// One of them is of another length than the profile's.
    pub fn new(
        profile: Profile,
        key: &[u8],
        salt: &[u8],
        config: Config,
        rng: &mut dyn Rng,
    ) -> Result<Self, KeyError> {
        let derivation = Derivation::new(profile, key, salt)?;
        let (low, high) = REPLAY_WINDOW.into_inner();
        let replay_window = config.replay_window.clamp(low, high);
        Ok(Self {
            profile,
            rtp: Transform::new(profile, &derivation.keys(Protocol::Rtp))?,
            rtcp: Transform::new(profile, &derivation.keys(Protocol::Rtcp))?,
            config: Config { replay_window, ..config },
            streams: Streams::new(rng),
            rtcp_streams: Streams::new(rng),
            counters: Counters::default(),
        })
    }

    /// Verifies an SRTP packet and decrypts it where it lies. What is left of it is the RTP packet.
    ///
    /// # Errors
    ///
    /// Why the packet is not to be used. It is counted, and no stream has changed.
    #[inline]
    pub fn unprotect<'d>(&mut self, packet: &'d mut [u8]) -> Result<&'d mut [u8], Discard> {
        let len = match self.open(packet) {
            Ok(len) => len,
            Err(discard) => return Err(self.counters.count(discard)),
        };
        self.counters.rtp = self.counters.rtp.saturating_add(1);
        Ok(packet.get_mut(..len).unwrap_or_default())
    }

    /// Verifies an SRTCP packet and decrypts it where it lies. What is left of it is the RTCP
    /// packet, compound or not.
    ///
    /// # Errors
    ///
    /// Why the packet is not to be used. It is counted, and no stream has changed.
    #[inline]
    pub fn unprotect_rtcp<'d>(&mut self, packet: &'d mut [u8]) -> Result<&'d mut [u8], Discard> {
        let len = match self.open_rtcp(packet) {
            Ok(len) => len,
            Err(discard) => return Err(self.counters.count(discard)),
        };
        self.counters.rtcp = self.counters.rtcp.saturating_add(1);
        Ok(packet.get_mut(..len).unwrap_or_default())
    }

    /// How packets are protected.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// How many packets were taken, and how many were not.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The packet's length without its tag.
    #[inline]
    fn open(&mut self, packet: &mut [u8]) -> Result<usize, Discard> {
        check_len(packet)?;
        let RtpHeader { ssrc, number, len: clear } = RtpHeader::parse(packet)?;
        let len = header::without(packet, clear, self.profile.tag_len())?;
        if let Some(stream) = self.streams.get_mut(ssrc) {
            let position = Position { ssrc, index: stream.index_of(number) };
            stream.failures = stream.failures.wrapping_add(1);
            stream.window.check(position.index).map_err(|seen| discard(seen, position))?;
            let opened = self.rtp.open_rtp(position, clear, packet);
            opened.map_err(|_| Discard::Forged { ssrc })?;
            stream.failures = 0;
            stream.window.take(position.index);
        } else {
            if self.streams.len() >= self.config.max_streams {
                return Err(Discard::TooManyStreams { ssrc });
            }
            let index = u64::from(number.0);
            let opened = self.rtp.open_rtp(Position { ssrc, index }, clear, packet);
            opened.map_err(|_| Discard::Forged { ssrc })?;
            let window = Window::new(index, self.config.replay_window);
            self.streams.insert(ssrc, Stream { window, failures: 0 });
        }
        Ok(len)
    }

    /// The packet's length without its index and its tag.
    #[inline]
    fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, Discard> {
        check_len(packet)?;
        let ssrc = header::rtcp_ssrc(packet)?;
        let len = header::without(packet, header::RTCP, self.profile.rtcp_overhead())?;
        let word = self.rtcp.rtcp_word(packet).unwrap_or_default();
        let position = Position { ssrc, index: u64::from(word & !ENCRYPTED) };
        let full = self.rtcp_streams.len() >= self.config.max_streams;
        let window = self.rtcp_streams.get_mut(ssrc);
        if let Some(window) = &window {
            window.check(position.index).map_err(|seen| discard(seen, position))?;
        } else if full {
            return Err(Discard::TooManyStreams { ssrc });
        }
        let opened = self.rtcp.open_rtcp(position, word, packet);
        opened.map_err(|_| Discard::Forged { ssrc })?;
        match window {
            Some(window) => window.take(position.index),
            None => {
                let window = Window::new(position.index, RTCP_REPLAY_WINDOW);
                self.rtcp_streams.insert(ssrc, window);
            }
        }
        Ok(len)
    }
}

impl Stream {
    /// The most likely index, or, if nothing has been taken for long, one of those that follow from
    /// missed rollovers.
    #[inline]
    fn index_of(&self, number: SequenceNumber) -> u64 {
        // RFC 3711 §3.3.1 says nothing of packets before the first one of all. They are taken for
        // packets far ahead, as the rollover counter cannot be negative.
        let index = index::guess(self.window.highest(), number).unwrap_or(u64::from(number.0));
        if self.failures < LOST_AFTER {
            return index.min(index::MAX_RTP);
        }
        let missed = u64::from(self.failures) % ROLLOVERS;
        index.saturating_add(missed.saturating_mul(ROLLOVER)).min(index::MAX_RTP)
    }
}

#[cold]
fn discard(seen: Seen, Position { ssrc, index }: Position) -> Discard {
    match seen {
        Seen::Before => Discard::Replayed { ssrc, index },
        Seen::Perhaps => Discard::TooOld { ssrc, index },
    }
}

#[inline]
fn check_len(packet: &[u8]) -> Result<(), Discard> {
    if packet.len() > MAX_PACKET {
        return Err(Discard::TooLong { len: packet.len(), max: MAX_PACKET });
    }
    Ok(())
}

impl fmt::Debug for Inbound {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound")
            .field("profile", &self.profile)
            .field("config", &self.config)
            .field("streams", &self.streams.len())
            .field("rtcp_streams", &self.rtcp_streams.len())
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
