//! NACK: lost packets are asked for, RFC 4585 §6.2.1.

use core::iter;

use super::frame::write_frame;
use super::{Frame, List, PacketType};
use crate::wire::take_u32;
use crate::{ParseError, SequenceNumber, Ssrc};

/// A generic NACK.
///
/// ```text
/// +---+-+---------+---------------+-------------------------------+
/// |V=2|P|    1    |      205      |            length             |
/// +---+-+---------+---------------+-------------------------------+
/// |                         SSRC of sender                        |
/// +---------------------------------------------------------------+
/// |                      SSRC of media source                     |
/// +-------------------------------+-------------------------------+
/// |       first lost (PID)        |    the next sixteen (BLP)     | …
/// +-------------------------------+-------------------------------+
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nack<'a> {
    /// Who asks.
    pub sender_ssrc: Ssrc,
    /// The stream.
    pub media_ssrc: Ssrc,
    /// What was lost; at least one. [`NackEntry::pack`] makes them.
    pub entries: List<'a, NackEntry, { NackEntry::LEN }>,
}

/// A lost packet, and which of the sixteen behind it are lost too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NackEntry {
    /// The first.
    pub first: SequenceNumber,
    /// Bit `i`, from the least significant, stands for the number `first` + 1 + `i`.
    pub following: u16,
}

impl NackEntry {
    /// Bytes on the wire.
    pub const LEN: usize = 4;

    /// Appends the entries that say `lost`: numbers in rising order.
    pub fn pack(lost: impl IntoIterator<Item = SequenceNumber>, entries: &mut Vec<Self>) {
        let mut open: Option<Self> = None;
        for number in lost {
            if !open.as_mut().is_some_and(|entry| entry.add(number)) {
                entries.extend(open.replace(Self { first: number, following: 0 }));
            }
        }
        entries.extend(open);
    }

    /// Adds a number; false: it does not belong to this entry.
    fn add(&mut self, number: SequenceNumber) -> bool {
        let behind = number.distance_from(self.first).cast_unsigned();
        match behind.checked_sub(1) {
            None => true,
            Some(bit @ 0..16) => {
                self.following |= 1_u16.wrapping_shl(u32::from(bit));
                true
            }
            Some(_) => false,
        }
    }

    /// The lost ones in rising order.
    pub fn lost(self) -> impl Iterator<Item = SequenceNumber> + Clone {
        let mut bits = self.following;
        let following = iter::from_fn(move || {
            let bit = u16::try_from(bits.trailing_zeros()).unwrap_or_default();
            // The lowest bit is taken away.
            bits &= bits.checked_sub(1)?;
            Some(self.first.plus(bit.wrapping_add(1)))
        });
        iter::once(self.first).chain(following)
    }
}

impl From<[u8; Self::LEN]> for NackEntry {
    fn from([a, b, c, d]: [u8; Self::LEN]) -> Self {
        let first = SequenceNumber(u16::from_be_bytes([a, b]));
        Self { first, following: u16::from_be_bytes([c, d]) }
    }
}

impl From<NackEntry> for [u8; NackEntry::LEN] {
    fn from(entry: NackEntry) -> Self {
        let ([a, b], [c, d]) = (entry.first.0.to_be_bytes(), entry.following.to_be_bytes());
        [a, b, c, d]
    }
}

impl<'a> Nack<'a> {
    /// The packet type.
    pub const TYPE: PacketType = PacketType::TRANSPORT_FEEDBACK;
    /// The format of feedback.
    pub const FORMAT: u8 = 1;
    /// Entries that fit a packet of 1100 bytes: (1100 - 4 - 8) / 4.
    pub const MAX_ENTRIES: usize = 272;

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// Truncated, or without an entry.
    pub fn parse(frame: Frame<'a>) -> Result<Self, ParseError> {
        let mut rest = frame.body;
        let sender_ssrc = Ssrc(take_u32(&mut rest)?);
        let media_ssrc = Ssrc(take_u32(&mut rest)?);
        let (entries, behind) = List::split(rest);
        if entries.is_empty() || !behind.is_empty() {
            return Err(ParseError::truncated(NackEntry::LEN, behind.len()));
        }
        Ok(Self { sender_ssrc, media_ssrc, entries })
    }

    /// The lost ones, entry by entry.
    pub fn lost(&self) -> impl Iterator<Item = SequenceNumber> + Clone + use<'a> {
        self.entries.iter().flat_map(NackEntry::lost)
    }

    /// Appends the packet.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_frame(Self::FORMAT, Self::TYPE, out, |out| {
            out.extend_from_slice(&self.sender_ssrc.0.to_be_bytes());
            out.extend_from_slice(&self.media_ssrc.0.to_be_bytes());
            self.entries.write_up_to((Frame::MAX_BODY - 8) / NackEntry::LEN, out);
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packed(numbers: &[u16]) -> Vec<(u16, u16)> {
        let mut entries = Vec::new();
        NackEntry::pack(numbers.iter().copied().map(SequenceNumber), &mut entries);
        entries.iter().map(|entry| (entry.first.0, entry.following)).collect()
    }

    #[test]
    fn sixteen_fit_behind_the_first() {
        assert_eq!(packed(&[]), []);
        assert_eq!(packed(&[7]), [(7, 0)]);
        assert_eq!(packed(&[7, 7, 8, 23]), [(7, 0x8001)]);
        assert_eq!(packed(&[7, 24]), [(7, 0), (24, 0)]);
        assert_eq!(packed(&[65_535, 0, 15, 16]), [(65_535, 0x8001), (16, 0)]);
    }

    #[test]
    fn lost_ones_are_listed_over_the_wrap() {
        let entry = NackEntry { first: SequenceNumber(65_534), following: 0x8005 };
        let lost: Vec<_> = entry.lost().map(|number| number.0).collect();
        assert_eq!(lost, [65_534, 65_535, 1, 14]);
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_out(start in any::<u16>(), gaps in prop::collection::vec(1_u16..40, 0..50)) {
            let numbers: Vec<_> = gaps
                .iter()
                .scan(SequenceNumber(start), |at, gap| { *at = at.plus(*gap); Some(*at) })
                .collect();
            let mut entries = Vec::new();
            NackEntry::pack(numbers.iter().copied(), &mut entries);
            let nack = Nack { entries: List::new(&entries), ..Nack::default() };
            prop_assert_eq!(nack.lost().collect::<Vec<_>>(), numbers);
        }
    }
}
