//! RTP packets as applications see them.

use bytes::{Bytes, BytesMut};
use rtp::extension::Kind;
use rtp::{PayloadType, Ssrc};
use sansio::Instant;

/// An RTP packet on its way from a receiver to the application, or from it to a sender. Clones
/// share the payload.
///
/// The payload of padding, which probes the path, is empty; it is forwarded like any other, so that
/// no number is missing.
///
/// What belongs to the hop is not inside, and is written anew for each one: CSRCs, padding, `mid`,
/// send times, transport-wide sequence numbers. The other header extensions travel along.
#[derive(Clone, Debug)]
pub struct RtpPacket {
    /// What the payload is, in the words of the connection that it came from.
    pub payload_type: PayloadType,
    /// The marker bit; for video, the last packet of a frame.
    pub marker: bool,
    /// The sequence number, extended to 64 bits: it does not wrap.
    pub sequence_number: u64,
    /// The sampling instant, in units of the codec's clock.
    pub timestamp: u32,
    /// Whose it was. A sender puts its own in place of it.
    pub ssrc: Ssrc,
    /// When it arrived.
    pub received: Instant,
    pub(super) elements: Elements,
    /// Values of the extensions, then the payload.
    pub(super) bytes: Bytes,
    pub(super) payload_at: u16,
}

/// Where the values of header extensions lie.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Elements {
    list: [Option<Element>; Self::MAX],
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Element {
    pub(super) kind: Kind,
    pub(super) at: u8,
    pub(super) len: u8,
}

impl Elements {
    /// Header extensions that travel with a packet. Browsers send four beside those of the hop.
    const MAX: usize = 8;

    pub(super) fn push(&mut self, element: Element) -> bool {
        let free = self.list.iter_mut().find(|slot| slot.is_none());
        free.map(|slot| *slot = Some(element)).is_some()
    }
}

impl RtpPacket {
    /// A packet without header extensions.
    pub fn new(
        payload_type: PayloadType,
        sequence_number: u64,
        timestamp: u32,
        payload: Bytes,
    ) -> Self {
        Self {
            payload_type,
            marker: false,
            sequence_number,
            timestamp,
            ssrc: Ssrc::default(),
            received: Instant::ZERO,
            elements: Elements::default(),
            bytes: payload,
            payload_at: 0,
        }
    }

    /// The same with a header extension more; the payload is copied. Of more than eight, or of more
    /// than 255 bytes together, the last ones are left out.
    #[must_use]
    pub fn with_extension(mut self, kind: Kind, value: &[u8]) -> Self {
        let (Ok(at), Ok(len)) = (u8::try_from(self.payload_at), u8::try_from(value.len())) else {
            return self;
        };
        if at.checked_add(len).is_none() || !self.elements.push(Element { kind, at, len }) {
            return self;
        }
        let (values, payload) = self.bytes.split_at(usize::from(at));
        let mut bytes = BytesMut::with_capacity(self.bytes.len() + value.len());
        bytes.extend_from_slice(values);
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(payload);
        self.bytes = bytes.freeze();
        self.payload_at += u16::from(len);
        self
    }

    /// The payload.
    pub fn payload(&self) -> &[u8] {
        self.bytes.get(usize::from(self.payload_at)..).unwrap_or_default()
    }

    /// The payload, shared.
    pub fn payload_bytes(&self) -> Bytes {
        self.bytes.slice(usize::from(self.payload_at).min(self.bytes.len())..)
    }

    /// The value of a header extension.
    pub fn extension(&self, kind: Kind) -> Option<&[u8]> {
        self.extensions().find(|(k, _)| *k == kind).map(|(_, value)| value)
    }

    /// The header extensions that travel with it.
    pub fn extensions(&self) -> impl Iterator<Item = (Kind, &[u8])> + Clone {
        self.elements.list.iter().map_while(|element| {
            let Element { kind, at, len } = (*element)?;
            let (at, len) = (usize::from(at), usize::from(len));
            Some((kind, self.bytes.get(at..at + len)?))
        })
    }
}
