//! What each payload type of a media section means.

use rtp::PayloadType;

use crate::media::Codec;

/// What a packet of a payload type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Media of the codec with this index.
    Codec(u8),
    /// A retransmission of a packet of the codec with this index (RFC 4588).
    Repair(u8),
}

/// A table of all payload types, looked up for each packet.
#[derive(Clone, Debug)]
pub(super) struct PayloadTypes {
    table: Box<[Option<Meaning>; PayloadType::COUNT]>,
}

impl PayloadTypes {
    pub(super) fn new(codecs: &[Codec]) -> Self {
        let mut table = Box::new([None; PayloadType::COUNT]);
        for (index, codec) in (0..=u8::MAX).zip(codecs) {
            table[codec.payload_type.index()] = Some(Meaning::Codec(index));
            if let Some(rtx) = codec.rtx {
                table[rtx.index()] = Some(Meaning::Repair(index));
            }
        }
        Self { table }
    }

    pub(super) fn meaning(&self, payload_type: PayloadType) -> Option<Meaning> {
        *self.table.get(payload_type.index())?
    }
}
