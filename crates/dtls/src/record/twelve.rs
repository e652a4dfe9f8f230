//! Records of DTLS 1.2, RFC 6347 §4.1 with RFC 5288 (GCM) and RFC 7905 (ChaCha20).
//!
//! ```text
//! header 13 | nonce 8, with GCM | ciphertext | tag 16
//! ```

use crate::crypto::CryptoError;
use crate::wire::message::RecordNumber;
use crate::wire::{ContentType, Epoch, HEADER_12, RecordHeader, header_12};
use crate::{Discard, suite};

use super::keys::Keys;
use super::records::Opened;
use super::window::Window;

pub(super) fn seal<const EXPLICIT: bool>(
    keys: &Keys,
    (epoch, sequence): (u64, u64),
    kind: ContentType,
    buf: &mut Vec<u8>,
    at: usize,
) -> Result<(), CryptoError> {
    let head = keys.framing().head;
    buf.extend_from_slice(&[0; suite::TAG]);
    let record = buf.get_mut(at..).ok_or(CryptoError::Unsupported)?;
    let (front, sealed) = record.split_at_mut_checked(head).ok_or(CryptoError::Unsupported)?;
    let (plain, tag) = sealed.split_last_chunk_mut().ok_or(CryptoError::Unsupported)?;
    let epoch = u16::try_from(epoch).map_err(|_| CryptoError::Unsupported)?;
    let number = number(epoch, sequence);
    let nonce = if EXPLICIT { explicit(keys, number.to_be_bytes()) } else { keys.nonce(number) };
    let len = u16::try_from(plain.len()).map_err(|_| CryptoError::Unsupported)?;
    keys.aead.seal(nonce, &additional(number, kind, len), plain, tag)?;
    let behind = len.saturating_add(if EXPLICIT { 24 } else { 16 });
    let (header, rest) = front.split_first_chunk_mut().ok_or(CryptoError::Unsupported)?;
    *header = header_12(kind, epoch, sequence, behind);
    if let Some(sent) = rest.first_chunk_mut() {
        *sent = number.to_be_bytes();
    }
    Ok(())
}

pub(super) fn open<const EXPLICIT: bool>(
    keys: &Keys,
    window: &Window,
    header: RecordHeader,
    record: &mut [u8],
) -> Result<Opened, Discard> {
    let Epoch::Full { epoch, sequence } = header.epoch else { return Err(Discard::Rejected) };
    if !window.is_new(sequence) {
        return Err(Discard::Rejected);
    }
    let head = keys.framing().head;
    let (front, sealed) = record.split_at_mut_checked(head).ok_or(Discard::Rejected)?;
    let len = sealed.len().checked_sub(suite::TAG).ok_or(Discard::Rejected)?;
    let number = number(epoch, sequence);
    let nonce = if EXPLICIT {
        let sent = front.get(HEADER_12..).and_then(<[u8]>::first_chunk);
        explicit(keys, *sent.ok_or(Discard::Rejected)?)
    } else {
        keys.nonce(number)
    };
    let short = u16::try_from(len).map_err(|_| Discard::Rejected)?;
    let aad = additional(number, header.kind, short);
    keys.aead.open(nonce, &aad, sealed).map_err(|_| Discard::Rejected)?;
    let number = RecordNumber { epoch: u64::from(epoch), sequence };
    Ok(Opened { kind: header.kind, number, start: head, len })
}

/// Epoch and sequence number as one (RFC 6347 §4.1).
fn number(epoch: u16, sequence: u64) -> u64 {
    u64::from(epoch) << 48 | sequence
}

/// RFC 5288 §3: four bytes that are secret, eight that are sent.
fn explicit(keys: &Keys, sent: [u8; 8]) -> [u8; 12] {
    let [a, b, c, d, ..] = keys.iv;
    let [e, f, g, h, i, j, k, l] = sent;
    [a, b, c, d, e, f, g, h, i, j, k, l]
}

/// RFC 5246 §6.2.3.3: number, type, version and length of the plaintext are authentic too.
fn additional(number: u64, kind: ContentType, len: u16) -> [u8; 13] {
    let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
    let [l0, l1] = len.to_be_bytes();
    [a, b, c, d, e, f, g, h, kind.number(), 0xFE, 0xFD, l0, l1]
}
