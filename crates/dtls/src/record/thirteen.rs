//! Records of DTLS 1.3, RFC 9147 §4.
//!
//! ```text
//! header 5                                  hidden by a mask made of the ciphertext:
//! 001011EE | sequence 2 | length 2          the sequence number (§4.2.3)
//! ciphertext of ( content | type 1 | zeros ) | tag 16
//! ```

use crate::Discard;
use crate::crypto::{CryptoError, RecordMask};
use crate::wire::message::RecordNumber;
use crate::wire::{ContentType, HEADER_13, RecordHeader, header_13};

use super::keys::Keys;
use super::records::Opened;
use super::window::Window;
use crate::suite::TAG;

pub(super) fn seal(
    keys: &Keys,
    mask: &dyn RecordMask,
    (epoch, sequence): (u64, u64),
    kind: ContentType,
    buf: &mut Vec<u8>,
    at: usize,
) -> Result<(), CryptoError> {
    buf.push(kind.number());
    buf.extend_from_slice(&[0; TAG]);
    let record = buf.get_mut(at..).and_then(<[u8]>::split_first_chunk_mut::<HEADER_13>);
    let (header, sealed) = record.ok_or(CryptoError::Unsupported)?;
    let len = u16::try_from(sealed.len()).map_err(|_| CryptoError::Unsupported)?;
    let (inner, tag) = sealed.split_last_chunk_mut().ok_or(CryptoError::Unsupported)?;
    *header = header_13(epoch, sequence, len);
    keys.aead.seal(keys.nonce(sequence), header, inner, tag)?;
    // At least one byte and its tag, so there always is a whole sample.
    let sample = sealed.first_chunk().ok_or(CryptoError::Unsupported)?;
    let ([_, s0, s1, ..], [m0, m1]) = (header, mask.mask(sample));
    *s0 ^= m0;
    *s1 ^= m1;
    Ok(())
}

pub(super) fn open(
    keys: &Keys,
    mask: &dyn RecordMask,
    (epoch, window): (u64, &Window),
    header: RecordHeader,
    record: &mut [u8],
) -> Result<Opened, Discard> {
    let (front, sealed) = record.split_at_mut_checked(header.header).ok_or(Discard::Rejected)?;
    // RFC 9147 §4.2.3: what is too short for a sample is no record.
    let sample = sealed.first_chunk().ok_or(Discard::Rejected)?;
    let [m0, m1] = mask.mask(sample);
    let sequence = match front {
        [first, s0, s1, ..] if *first & 0x08 != 0 => {
            *s0 ^= m0;
            *s1 ^= m1;
            whole(window.next(), u64::from(u16::from_be_bytes([*s0, *s1])), 1 << 16)
        }
        [_, s0, ..] => {
            *s0 ^= m0;
            whole(window.next(), u64::from(*s0), 1 << 8)
        }
        _ => return Err(Discard::Rejected),
    };
    if !window.is_new(sequence) {
        return Err(Discard::Rejected);
    }
    keys.aead.open(keys.nonce(sequence), front, sealed).map_err(|_| Discard::Rejected)?;
    let inner = sealed.len().saturating_sub(TAG);
    let inner = sealed.get(..inner).ok_or(Discard::Rejected)?;
    // RFC 8446 §5.4: the last byte that is not zero is the type.
    let len = inner.iter().rposition(|byte| *byte != 0).ok_or(Discard::Rejected)?;
    let kind = inner.get(len).copied().and_then(ContentType::from_number);
    let kind = kind.ok_or(Discard::Unexpected)?;
    Ok(Opened { kind, number: RecordNumber { epoch, sequence }, start: header.header, len })
}

/// RFC 9147 §4.2.2: of all numbers with these low bits, the one closest to what is expected.
fn whole(expected: u64, low: u64, size: u64) -> u64 {
    if expected % size == low {
        // Nearly always. A processor goes on from here before it knows the mask.
        return expected;
    }
    let half = size / 2;
    let same = expected / size * size + low;
    if same + half < expected {
        same.saturating_add(size)
    } else if same > expected + half && same >= size {
        same - size
    } else {
        same
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_closest_number_is_meant() {
        for (expected, low, size, number) in [
            (0, 0, 256, 0),
            (0, 255, 256, 255),
            (256, 255, 256, 255),
            (300, 40, 256, 296),
            (300, 200, 256, 200),
            (0x1_0005, 0xFFF0, 1 << 16, 0xFFF0),
            (0x1_FFF0, 3, 1 << 16, 0x2_0003),
        ] {
            assert_eq!(whole(expected, low, size), number, "{expected} {low}");
        }
    }

    proptest! {
        #[test]
        fn numbers_near_the_expected_one_are_found(
            expected in 0..1_u64 << 48,
            away in -127..=127_i64,
            wide: bool,
        ) {
            let number = expected.saturating_add_signed(away);
            let size = if wide { 1 << 16 } else { 1 << 8 };
            prop_assert_eq!(whole(expected, number % size, size), number);
        }
    }
}
