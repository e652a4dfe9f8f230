//! ChannelData, RFC 8656 §12.4: four bytes in front of a payload, put there and taken off in place.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |         Channel number        |       Length of the data      |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |       Data; on a stream, 0 to 3 bytes more up to 32 bits     ...
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use crate::attribute::ChannelNumber;

/// Bytes of the header: what to leave free in front of a payload.
pub const HEADER: usize = 4;

/// Why bytes are not ChannelData.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelDataError {
    /// Not even a header.
    #[error("{0} bytes, a header has 4")]
    Truncated(usize),
    /// A number outside 0x4000 to 0x7fff.
    #[error("{0:#06x} is no channel")]
    Number(u16),
    /// The length says more than there is.
    #[error("a length of {stated} and {had} bytes after the header")]
    Length {
        /// What the header says.
        stated: usize,
        /// Bytes after the header.
        had: usize,
    },
}

/// Whether a datagram between client and server is ChannelData, by its first byte. Where others
/// share the socket, 0x50 and above are theirs (RFC 7983 §7), and only those who keep to RFC 8656
/// are understood.
#[inline]
pub fn is_channel_data(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(0x40..=0x7f))
}

/// The channel and the data. Bytes beyond the length are padding, which RFC 8656 §12.5 allows on
/// UDP too.
///
/// # Errors
///
/// It is no ChannelData, or cut.
#[inline]
pub fn parse(bytes: &mut [u8]) -> Result<(ChannelNumber, &mut [u8]), ChannelDataError> {
    let had = bytes.len();
    let (header, rest) =
        bytes.split_first_chunk_mut::<HEADER>().ok_or(ChannelDataError::Truncated(had))?;
    let [n0, n1, l0, l1] = *header;
    let number = u16::from_be_bytes([n0, n1]);
    let channel = ChannelNumber::new(number).ok_or(ChannelDataError::Number(number))?;
    let (stated, had) = (usize::from(u16::from_be_bytes([l0, l1])), rest.len());
    let data = rest.get_mut(..stated).ok_or(ChannelDataError::Length { stated, had })?;
    Ok((channel, data))
}

/// The header in front of `length` bytes; `None` if they are too many.
#[inline]
pub fn header(channel: ChannelNumber, length: usize) -> Option<[u8; HEADER]> {
    let [l0, l1] = u16::try_from(length).ok()?.to_be_bytes();
    let [n0, n1] = channel.number().to_be_bytes();
    Some([n0, n1, l0, l1])
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test may panic")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn is_read_as_it_was_written(
            number in 0x4000..0x8000_u16,
            data in proptest::collection::vec(any::<u8>(), 0..50),
            padding in 0..4_usize,
        ) {
            let channel = ChannelNumber::new(number).unwrap();
            let mut bytes = header(channel, data.len()).unwrap().to_vec();
            bytes.extend_from_slice(&data);
            bytes.resize(bytes.len() + padding, 0xee);
            prop_assert!(is_channel_data(&bytes));
            let (read, payload) = parse(&mut bytes).unwrap();
            prop_assert_eq!((read, &payload[..]), (channel, &data[..]));
        }
    }

    #[test]
    fn malformed_data_is_refused_with_the_reason() {
        let table: [(&[u8], ChannelDataError); 4] = [
            (&[], ChannelDataError::Truncated(0)),
            (&[0x40, 0, 0], ChannelDataError::Truncated(3)),
            (&[0x80, 0, 0, 0], ChannelDataError::Number(0x8000)),
            (&[0x40, 0, 0, 3, 1, 2], ChannelDataError::Length { stated: 3, had: 2 }),
        ];
        for (bytes, expected) in table {
            assert_eq!(parse(&mut bytes.to_vec()), Err(expected));
        }
        assert_eq!(header(ChannelNumber::MIN, 65_536), None);
    }
}
