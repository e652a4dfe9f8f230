//! Which media section a new stream belongs to, RFC 9143 §9.2.

use rtp::extension::Kind;
use rtp::{Packet, Ssrc};
use sansio::Instant;

use super::discard::MediaDiscard;
use super::media::Media;
use super::payload_types::Meaning;
use super::section::Section;
use super::stream::{Role, Stream};

impl Media {
    /// Finds the stream of a packet, or makes it.
    pub(super) fn stream_of(
        &mut self,
        now: Instant,
        packet: &Packet<'_>,
    ) -> Result<usize, MediaDiscard> {
        match self.streams.find(packet.ssrc) {
            Some(index) => Ok(index),
            None => self.associate(now, packet),
        }
    }

    /// By its `mid`, else by a payload type that one section alone has.
    fn associate(&mut self, now: Instant, packet: &Packet<'_>) -> Result<usize, MediaDiscard> {
        let named = |section: &Section| {
            let id = section.extensions.id(Kind::Mid)?;
            let mid = packet.extensions.get(id)?;
            Some(mid == section.mid.as_bytes())
        };
        let mut has_name = false;
        let by_name = self.sections.iter().position(|section| {
            let named = named(section);
            has_name |= named.is_some();
            named == Some(true)
        });
        let section = match by_name {
            Some(index) => index,
            // RFC 9143 §9.2: a mid that nobody has means that the packet is nobody's.
            None if has_name => return Err(MediaDiscard::UnknownSource(packet.ssrc)),
            None => self.by_payload_type(packet)?,
        };
        let stream = self.new_stream(section, packet)?;
        let bound = self.limits.streams;
        self.streams.insert(now, stream, bound).ok_or(MediaDiscard::TooManyStreams)
    }

    fn by_payload_type(&self, packet: &Packet<'_>) -> Result<usize, MediaDiscard> {
        let mut knowing = self
            .sections
            .iter()
            .enumerate()
            .filter(|(_, section)| section.meaning(packet.payload_type).is_some());
        match (knowing.next(), knowing.next()) {
            (Some((index, _)), None) => Ok(index),
            _ => Err(MediaDiscard::UnknownSource(packet.ssrc)),
        }
    }

    fn new_stream(&self, index: usize, packet: &Packet<'_>) -> Result<Stream, MediaDiscard> {
        let unknown = MediaDiscard::UnknownSource(packet.ssrc);
        let section = self.sections.get(index).ok_or(unknown)?;
        let value = |kind| {
            let id = section.extensions.id(kind)?;
            core::str::from_utf8(packet.extensions.get(id)?).ok()
        };
        let mut stream = match section.meaning(packet.payload_type) {
            Some(Meaning::Codec(_)) => Stream::new(packet.ssrc, index, Role::Media),
            Some(Meaning::Repair(_)) => {
                let repaired = value(Kind::RepairedRtpStreamId);
                let of = repaired.and_then(|rid| self.encoding(index, rid));
                Stream::new(packet.ssrc, index, Role::Repair(of))
            }
            None => return Err(MediaDiscard::PayloadType(packet.payload_type)),
        };
        stream.rid = value(Kind::RtpStreamId).map(Into::into);
        Ok(stream)
    }

    /// The stream of a section that carries an encoding.
    fn encoding(&self, section: usize, rid: &str) -> Option<Ssrc> {
        let mut media = self.streams.iter().filter(|s| s.section == section);
        media.find(|s| s.role == Role::Media && s.rid.as_deref() == Some(rid)).map(|s| s.ssrc)
    }

    /// The stream that a retransmission belongs to.
    pub(super) fn repaired(&self, repair: &Stream) -> Option<usize> {
        match repair.role {
            Role::Media => None,
            Role::Repair(Some(ssrc)) => self.streams.index(ssrc),
            // RFC 4588 §5.3 would match sequence numbers; a section without names has one stream.
            Role::Repair(None) => {
                let here = |s: &&Stream| s.section == repair.section && s.role == Role::Media;
                let mut media = self.streams.iter().filter(here);
                match (media.next(), media.next()) {
                    (Some(stream), None) => self.streams.index(stream.ssrc),
                    _ => None,
                }
            }
        }
    }
}
