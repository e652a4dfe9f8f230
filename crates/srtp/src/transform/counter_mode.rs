//! AES in counter mode with HMAC-SHA1, RFC 3711 §4, RFC 6188.
//!
//! ```text
//!  RTP:   | header, CSRCs, extensions | payload   | tag |       the rollover counter follows the
//!                                       ^ encrypted             payload when the tag is made, §4.2
//!  RTCP:  | 8 bytes                   | the rest  | E, index | tag |
//! ```

use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncBackend, BlockCipherEncClosure, BlockSizeUser};
use zeroize::Zeroizing;

use super::ENCRYPTED;
use crate::Profile;
use crate::authenticator::{Authenticator, End, Tagging, is_tag};
use crate::derivation::SessionKeys;
use crate::header;
use crate::index::Position;
use crate::keystream::{CHUNK, Counter, Keystream};
use crate::sent::Fingerprint;

/// Bytes of the tag of an RTCP packet, RFC 5764 §4.1.2.
const RTCP_TAG: usize = 10;
/// Bytes that SHA-1 takes at once.
const HASHED: usize = 64;
/// Bytes of a tag of RTCP and of the word before it.
const RTCP_TRAILER: usize = 14;

pub(crate) struct CounterMode {
    keystream: Keystream,
    authenticator: Authenticator,
    salt: Zeroizing<u128>,
    /// Bytes of the tag of an RTP packet.
    tag: usize,
}

impl CounterMode {
    pub(super) fn new(profile: Profile, keys: &SessionKeys) -> Option<Self> {
        Some(Self {
            keystream: Keystream::new(keys.encryption())?,
            authenticator: Authenticator::new(&keys.authentication),
            salt: Zeroizing::new(keys.salt),
            tag: profile.tag_len(),
        })
    }

    /// RFC 3711 §4.1.1: SSRC and index, and the salt over them; the last 16 bits count blocks.
    #[inline]
    fn counter(&self, position: Position) -> Counter {
        Counter((*self.salt ^ position.number()) << 16)
    }

    #[inline]
    pub(super) fn seal_rtp(
        &self,
        position: Position,
        header: usize,
        buf: &mut Vec<u8>,
        at: usize,
    ) -> Option<Fingerprint> {
        let packet = buf.get_mut(at..)?;
        let tag = self.seal(position, header, packet, position.rollover());
        buf.extend_from_slice(tag.get(..self.tag)?);
        tag.first_chunk().copied().map(Fingerprint::new)
    }

    #[inline]
    pub(super) fn open_rtp(
        &self,
        position: Position,
        header: usize,
        packet: &mut [u8],
    ) -> Option<()> {
        let (packet, tag) = packet.split_at_mut_checked(packet.len().checked_sub(self.tag)?)?;
        self.open(position, header, packet, position.rollover(), tag)
    }

    #[inline]
    pub(super) fn seal_rtcp(&self, position: Position, buf: &mut Vec<u8>, at: usize) -> Option<()> {
        let word = u32::try_from(position.index).ok()? | ENCRYPTED;
        let tag = self.seal(position, header::RTCP, buf.get_mut(at..)?, word);
        buf.extend_from_slice(&word.to_be_bytes());
        buf.extend_from_slice(tag.get(..RTCP_TAG)?);
        Some(())
    }

    #[inline]
    pub(super) fn without_rtcp_tag<'p>(&self, packet: &'p [u8]) -> Option<&'p [u8]> {
        packet.get(..packet.len().checked_sub(RTCP_TAG)?)
    }

    #[inline]
    pub(super) fn open_rtcp(&self, position: Position, word: u32, packet: &mut [u8]) -> Option<()> {
        let (packet, trailer) =
            packet.split_at_mut_checked(packet.len().checked_sub(RTCP_TRAILER)?)?;
        let tag = trailer.last_chunk::<RTCP_TAG>()?;
        if word & ENCRYPTED == 0 {
            let expected = self.authenticator.begin().finish(packet, word);
            return is_tag(&expected, tag).then_some(());
        }
        self.open(position, header::RTCP, packet, word, tag)
    }

    /// Encrypts all but the header. The tag is of the outcome with `suffix` after it.
    fn seal(&self, position: Position, header: usize, packet: &mut [u8], suffix: u32) -> [u8; 20] {
        let mut tagging = self.authenticator.begin();
        let counter = self.counter(position);
        self.keystream.run(Seal { counter, header, packet, tagging: &mut tagging });
        tagging.finish(packet, suffix)
    }

    /// Decrypts all but the header, or wipes it if the tag is wrong.
    fn open(
        &self,
        position: Position,
        header: usize,
        packet: &mut [u8],
        suffix: u32,
        tag: &[u8],
    ) -> Option<()> {
        let (mut tagging, end) = (self.authenticator.begin(), End::of(packet, suffix));
        let counter = self.counter(position);
        self.keystream.run(Open { counter, header, packet, tagging: &mut tagging });
        if is_tag(&tagging.finish_with(&end), tag) {
            return Some(());
        }
        packet.get_mut(header..)?.fill(0);
        None
    }
}

/// Encrypts a chunk, and beside that hashes the one before the last: SHA-1 waits for itself all the
/// time, and leaves room for the encryption. The last one is still on its way to memory.
struct Seal<'p> {
    counter: Counter,
    header: usize,
    packet: &'p mut [u8],
    tagging: &'p mut Tagging,
}

impl BlockSizeUser for Seal<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Seal<'_> {
    #[inline(always)]
    fn call<A: BlockCipherEncBackend<BlockSize = U16>>(self, aes: &A) {
        let Self { mut counter, header: mut at, packet, tagging } = self;
        while let Some(chunk) = packet.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            counter.apply_chunk(aes, chunk);
            tagging.take(packet, at.saturating_sub(CHUNK));
            at = at.saturating_add(CHUNK);
        }
        counter.apply_rest(aes, packet.get_mut(at..).unwrap_or_default());
    }
}

/// Hashes a chunk, and beside that decrypts the one before.
struct Open<'p> {
    counter: Counter,
    header: usize,
    packet: &'p mut [u8],
    tagging: &'p mut Tagging,
}

impl BlockSizeUser for Open<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Open<'_> {
    #[inline(always)]
    fn call<A: BlockCipherEncBackend<BlockSize = U16>>(self, aes: &A) {
        let Self { mut counter, header: mut at, packet, tagging } = self;
        let len = packet.len();
        while at.saturating_add(CHUNK) <= len {
            let next = at.saturating_add(CHUNK);
            // To the end of the block that the chunk ends in.
            tagging.take(packet, next.saturating_add(HASHED - 1).min(len));
            if let Some(chunk) = packet.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
                counter.apply_chunk(aes, chunk);
            }
            at = next;
        }
        tagging.take(packet, len);
        counter.apply_rest(aes, packet.get_mut(at..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use rtp::Ssrc;

    use super::*;

    /// What runs side by side has the outcome of one after the other.
    #[test]
    fn seals_as_if_it_encrypted_first_and_hashed_then() {
        let keys = SessionKeys::from_parts(Profile::Aes128CmHmacSha1_80, &[1; 16], &[2; 14]);
        let mode = CounterMode::new(Profile::Aes128CmHmacSha1_80, &keys).expect("valid");
        let position = Position { ssrc: Ssrc(1), index: 0x1_0002 };
        let message: Vec<u8> = (0..=255).cycle().take(1500).collect();
        for header in [8, 12, 16, 64, 100, 400] {
            for len in (header..header + 600).chain([1200, 1500]) {
                let mut expected = message[..len].to_vec();
                mode.keystream.apply(mode.counter(position).0, &mut expected[header..]);
                let tag = mode.authenticator.begin().finish(&expected, 7);

                let mut packet = message[..len].to_vec();
                assert_eq!(mode.seal(position, header, &mut packet, 7), tag, "{header} {len}");
                assert_eq!(packet, expected);
                assert_eq!(mode.open(position, header, &mut packet, 7, &tag), Some(()));
                assert_eq!(packet, message[..len]);
            }
        }
    }

    #[test]
    fn nothing_is_left_of_what_was_decrypted_and_not_authentic() {
        let keys = SessionKeys::from_parts(Profile::Aes128CmHmacSha1_80, &[1; 16], &[2; 14]);
        let mode = CounterMode::new(Profile::Aes128CmHmacSha1_80, &keys).expect("valid");
        let position = Position { ssrc: Ssrc(1), index: 1 };
        let mut packet = [0xaa; 1200];
        let mut tag = mode.seal(position, 12, &mut packet, 0);
        tag[0] ^= 1;
        assert_eq!(mode.open(position, 12, &mut packet, 0, &tag), None);
        assert_eq!((&packet[..12], &packet[12..]), (&[0xaa; 12][..], &[0; 1188][..]));
    }
}
