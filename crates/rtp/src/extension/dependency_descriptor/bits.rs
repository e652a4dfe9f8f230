//! Fields that are not whole bytes: `f(n)` and `ns(n)` of the AV1 RTP specification, appendix A.8.

use crate::ParseError;

/// Takes bits off the front.
#[derive(Clone, Copy, Debug)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// Bits taken.
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next `count` bits, at most 32, the first one highest.
    pub(super) fn bits(&mut self, count: u32) -> Result<u32, ParseError> {
        let end = self.at.saturating_add(usize::try_from(count).unwrap_or(usize::MAX));
        if end > self.bytes.len().saturating_mul(8) {
            return Err(ParseError::truncated(end.div_ceil(8), self.bytes.len()));
        }
        let rest = self.bytes.get(self.at / 8..).unwrap_or_default();
        let mut window = [0; 8];
        window.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        let before = u32::try_from(self.at % 8).unwrap_or_default();
        let word = u64::from_be_bytes(window).wrapping_shl(before);
        self.at = end;
        let [a, b, c, d, ..] = word.to_be_bytes();
        Ok(u32::from_be_bytes([a, b, c, d]).checked_shr(32_u32.wrapping_sub(count)).unwrap_or(0))
    }

    /// The next `count` bits, at most eight.
    pub(super) fn byte(&mut self, count: u32) -> Result<u8, ParseError> {
        self.bits(count).map(|bits| u8::try_from(bits).unwrap_or_default())
    }

    pub(super) fn flag(&mut self) -> Result<bool, ParseError> {
        self.bits(1).map(|bit| bit == 1)
    }

    /// A number below `count`, which is 1 to 255; some take a bit less than others.
    pub(super) fn non_symmetric(&mut self, count: u8) -> Result<u8, ParseError> {
        let (bits, short) = non_symmetric(count);
        let value = self.bits(bits)?;
        if value < short {
            return Ok(u8::try_from(value).unwrap_or_default());
        }
        let value = (value << 1 | self.bits(1)?).wrapping_sub(short);
        Ok(u8::try_from(value).unwrap_or_default())
    }
}

/// Appends bits.
#[derive(Debug)]
pub(super) struct BitWriter<'b> {
    out: &'b mut Vec<u8>,
    /// Bits that are free in the last byte.
    free: u32,
}

impl<'b> BitWriter<'b> {
    pub(super) const fn new(out: &'b mut Vec<u8>) -> Self {
        Self { out, free: 0 }
    }

    /// Appends the `count` low bits, at most 32.
    pub(super) fn bits(&mut self, value: impl Into<u32>, count: u32) {
        let value = value.into();
        for place in (0..count).rev() {
            if self.free == 0 {
                self.out.push(0);
                self.free = 8;
            }
            self.free = self.free.wrapping_sub(1);
            if let Some(last) = self.out.last_mut()
                && value.wrapping_shr(place) & 1 == 1
            {
                *last |= 1_u8.wrapping_shl(self.free);
            }
        }
    }

    /// Appends a number below `count`, which is 1 to 255.
    pub(super) fn non_symmetric(&mut self, value: u8, count: u8) {
        let (bits, short) = non_symmetric(count);
        let value = u32::from(value);
        if value < short {
            self.bits(value, bits);
        } else {
            self.bits(value.wrapping_add(short), bits.wrapping_add(1));
        }
    }
}

/// How many bits the shorter numbers below `count` take, and how many of them are shorter.
const fn non_symmetric(count: u8) -> (u32, u32) {
    let bits = u8::BITS.wrapping_sub(count.leading_zeros());
    let [count] = count.to_be_bytes();
    let short = 1_u32.wrapping_shl(bits).wrapping_sub(u32_from(count));
    (bits.saturating_sub(1), short)
}

const fn u32_from(byte: u8) -> u32 {
    u32::from_be_bytes([0, 0, 0, byte])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bits_lie_from_the_highest() {
        let mut reader = BitReader::new(&[0b1010_0000, 0xff, 0x12, 0x34, 0x56, 0x78]);
        assert_eq!((reader.bits(3), reader.flag(), reader.bits(0)), (Ok(5), Ok(false), Ok(0)));
        assert_eq!(reader.bits(12), Ok(0xff));
        assert_eq!(reader.bits(32), Ok(0x1234_5678));
        assert_eq!(reader.bits(1), Err(ParseError::Truncated { needed: 7, had: 6 }));
    }

    /// AV1 specification §4.10.7, ns(5).
    #[test]
    fn of_five_numbers_three_take_two_bits() {
        let written = |value| {
            let mut out = Vec::new();
            let mut writer = BitWriter::new(&mut out);
            writer.non_symmetric(value, 5);
            let free = writer.free;
            (out[0], 8 - free)
        };
        let expected =
            [(0, 2), (0b0100_0000, 2), (0b1000_0000, 2), (0b1100_0000, 3), (0b1110_0000, 3)];
        for (value, expected) in (0..).zip(expected) {
            assert_eq!(written(value), expected);
            assert_eq!(BitReader::new(&[expected.0]).non_symmetric(5), Ok(value));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(fields in prop::collection::vec((any::<u32>(), 1..=32_u32), 0..40)) {
            let mut out = Vec::new();
            let mut writer = BitWriter::new(&mut out);
            for (value, count) in &fields {
                writer.bits(*value, *count);
            }
            let mut reader = BitReader::new(&out);
            for (value, count) in fields {
                prop_assert_eq!(reader.bits(count), Ok(value & (u32::MAX >> (32 - count))));
            }
        }

        #[test]
        fn numbers_below_any_count(count in 1..=255_u8, value in any::<u8>()) {
            let value = value % count;
            let mut out = vec![];
            BitWriter::new(&mut out).non_symmetric(value, count);
            out.push(0);
            prop_assert_eq!(BitReader::new(&out).non_symmetric(count), Ok(value));
        }
    }
}
