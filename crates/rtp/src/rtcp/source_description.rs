//! SDES: names of sources, RFC 3550 §6.5.

use core::fmt;

use super::frame::write_frame;
use super::{Frame, PacketType};
use crate::wire::{take_slice, take_u8, take_u32};
use crate::{ParseError, Ssrc};

/// A source description.
///
/// ```text
/// +---+-+---------+---------------+-------------------------------+
/// |V=2|P|  count  |      202      |            length             |
/// +---+-+---------+---------------+-------------------------------+
/// |                             SSRC                              | …
/// +---------------+---------------+-------------------------------+
/// |   item kind   |   its length  | text …                        | …
/// +---------------+---------------+-------------------------------+
/// | 0, once at least, up to a whole word                          | …
/// ```
#[derive(Clone, Copy, Default)]
pub struct SourceDescription<'a> {
    /// One of the two is empty. What was parsed was walked once, without an error.
    wire: &'a [u8],
    built: &'a [SdesChunk<'a>],
}

/// What one source says of itself.
#[derive(Clone, Copy)]
pub struct SdesChunk<'a> {
    /// The source.
    pub ssrc: Ssrc,
    /// One of the two is empty. What was parsed was walked once, without an error.
    wire: &'a [u8],
    built: &'a [SdesItem<'a>],
}

/// One thing that a source says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SdesItem<'a> {
    kind: SdesKind,
    text: &'a [u8],
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SdesKind(pub u8);

impl SdesKind {
    /// The name that all streams of one clock have in common, RFC 3550 §6.5.1. Not optional.
    pub const CNAME: Self = Self(1);
    /// The user's name, RFC 3550 §6.5.2.
    pub const NAME: Self = Self(2);
    /// An address, RFC 3550 §6.5.3.
    pub const EMAIL: Self = Self(3);
    /// A number, RFC 3550 §6.5.4.
    pub const PHONE: Self = Self(4);
    /// A place, RFC 3550 §6.5.5.
    pub const LOC: Self = Self(5);
    /// The program, RFC 3550 §6.5.6.
    pub const TOOL: Self = Self(6);
    /// A state, RFC 3550 §6.5.7.
    pub const NOTE: Self = Self(7);
    /// A private extension, RFC 3550 §6.5.8: the length of its prefix, the prefix, the value.
    pub const PRIV: Self = Self(8);
    /// Which encoding the stream is, RFC 8852 §3.1.
    pub const RTP_STREAM_ID: Self = Self(12);
    /// Which encoding the stream repairs, RFC 8852 §3.2.
    pub const REPAIRED_RTP_STREAM_ID: Self = Self(13);
    /// The media section that the stream belongs to, RFC 9143 §15.
    pub const MID: Self = Self(15);
}

impl<'a> SdesItem<'a> {
    /// An item. `None`: the text has more than 255 bytes, or the kind is 0, which ends a chunk.
    pub const fn new(kind: SdesKind, text: &'a [u8]) -> Option<Self> {
        if kind.0 == 0 || text.len() > 255 { None } else { Some(Self { kind, text }) }
    }

    /// What it is.
    pub const fn kind(&self) -> SdesKind {
        self.kind
    }

    /// What it says, which should be UTF-8.
    pub const fn text(&self) -> &'a [u8] {
        self.text
    }

    /// Takes an item off the front; `None`: the chunk ends.
    fn take(rest: &mut &'a [u8]) -> Result<Option<Self>, ParseError> {
        let kind = SdesKind(take_u8(rest)?);
        if kind.0 == 0 {
            return Ok(None);
        }
        let len = take_u8(rest)?;
        Ok(Some(Self { kind, text: take_slice(rest, usize::from(len))? }))
    }
}

impl<'a> SdesChunk<'a> {
    /// A chunk to be written.
    pub const fn new(ssrc: Ssrc, items: &'a [SdesItem<'a>]) -> Self {
        Self { ssrc, wire: &[], built: items }
    }

    /// What the source says.
    pub fn items(&self) -> impl Iterator<Item = SdesItem<'a>> + Clone + use<'a> {
        let mut rest = self.wire;
        let wire = core::iter::from_fn(move || SdesItem::take(&mut rest).ok().flatten());
        wire.chain(self.built.iter().copied())
    }

    /// The text of the first item of this kind.
    pub fn get(&self, kind: SdesKind) -> Option<&'a [u8]> {
        self.items().find(|item| item.kind == kind).map(|item| item.text)
    }

    /// Takes a chunk off the front; `len` is what the whole body has.
    fn take(rest: &mut &'a [u8]) -> Result<Self, ParseError> {
        let ssrc = Ssrc(take_u32(rest)?);
        let items = *rest;
        while SdesItem::take(rest)?.is_some() {}
        let len = items.len().wrapping_sub(rest.len());
        // The SSRC is a whole word, and so are the items with what fills the last word.
        let padding = len.wrapping_neg() & 3;
        *rest = rest.get(padding..).unwrap_or_default();
        Ok(Self { ssrc, wire: items.get(..len).unwrap_or_default(), built: &[] })
    }

    fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.ssrc.0.to_be_bytes());
        for item in self.items() {
            // `SdesItem::new`: at most 255.
            let len = u8::try_from(item.text.len()).unwrap_or_default();
            out.extend_from_slice(&[item.kind.0, len]);
            out.extend_from_slice(item.text);
        }
        out.push(0);
        let len = out.len().wrapping_sub(start);
        out.resize(start.saturating_add(len.next_multiple_of(4)), 0);
    }
}

impl<'a> SourceDescription<'a> {
    /// The packet type.
    pub const TYPE: PacketType = PacketType::SOURCE_DESCRIPTION;
    const MAX_CHUNKS: usize = 31;

    /// A description to be written, of the first 31 of these chunks.
    pub fn new(chunks: &'a [SdesChunk<'a>]) -> Self {
        Self { wire: &[], built: chunks.get(..Self::MAX_CHUNKS).unwrap_or(chunks) }
    }

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// Truncated: an item without its text, a chunk without its end.
    pub fn parse(frame: Frame<'a>) -> Result<Self, ParseError> {
        let mut rest = frame.body;
        for _ in 0..frame.count {
            SdesChunk::take(&mut rest)?;
        }
        let len = frame.body.len().wrapping_sub(rest.len());
        Ok(Self { wire: frame.body.get(..len).unwrap_or_default(), built: &[] })
    }

    /// Source by source.
    pub fn chunks(&self) -> impl Iterator<Item = SdesChunk<'a>> + Clone + use<'a> {
        let mut rest = self.wire;
        let wire = core::iter::from_fn(move || SdesChunk::take(&mut rest).ok());
        wire.chain(self.built.iter().copied())
    }

    /// Appends the packet.
    pub fn write(&self, out: &mut Vec<u8>) {
        let count = u8::try_from(self.chunks().count()).unwrap_or_default();
        write_frame(count, Self::TYPE, out, |out| self.chunks().for_each(|c| c.write(out)));
    }
}

impl PartialEq for SdesChunk<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.ssrc == other.ssrc && self.items().eq(other.items())
    }
}

impl Eq for SdesChunk<'_> {}

impl fmt::Debug for SdesChunk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ", self.ssrc)?;
        f.debug_list().entries(self.items()).finish()
    }
}

impl PartialEq for SourceDescription<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.chunks().eq(other.chunks())
    }
}

impl Eq for SourceDescription<'_> {}

impl fmt::Debug for SourceDescription<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.chunks()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_end_with_zeros_up_to_a_word() {
        let lens = [(0, 12), (1, 12), (2, 16), (5, 16), (6, 20)];
        for (text, len) in lens {
            let items = [SdesItem::new(SdesKind::CNAME, &b"abcdef"[..text]).unwrap()];
            let chunks = [SdesChunk::new(Ssrc(7), &items), SdesChunk::new(Ssrc(8), &[])];
            let mut out = Vec::new();
            let built = SourceDescription::new(&chunks);
            built.write(&mut out);
            assert_eq!(out.len(), len + 8);
            let frame = Frame::parse(&out).unwrap();
            assert_eq!(frame.count, 2);
            let parsed = SourceDescription::parse(frame).unwrap();
            assert_eq!(parsed, built);
            assert_eq!(parsed.chunks().count(), 2);
            assert_eq!(parsed.chunks().next().unwrap().get(SdesKind::CNAME).unwrap().len(), text);
        }
    }

    #[test]
    fn an_item_has_a_kind_and_at_most_255_bytes() {
        assert_eq!(SdesItem::new(SdesKind(0), b""), None);
        assert_eq!(SdesItem::new(SdesKind::NOTE, &[0; 256]), None);
        assert!(SdesItem::new(SdesKind::NOTE, &[0; 255]).is_some());
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        let body = [0, 0, 0, 1, 1, 3, b'a', b'b', b'c', 0, 0, 0];
        let parse = |body| {
            let packet_type = PacketType::SOURCE_DESCRIPTION;
            SourceDescription::parse(Frame { count: 1, packet_type, body })
        };
        assert!(parse(&body).is_ok());
        // Without what fills the word it can be read; without the end it cannot.
        assert!(parse(&body[..10]).is_ok());
        for len in 0..10 {
            assert!(matches!(parse(&body[..len]), Err(ParseError::Truncated { .. })), "{len}");
        }
    }
}
