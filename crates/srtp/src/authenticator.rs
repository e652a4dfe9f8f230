//! HMAC-SHA1 with its key prepared, RFC 3711 §4.2, RFC 2104.

use sha1::block_api::compress;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes of a session's authentication key, RFC 3711 §5.2.
pub(crate) const KEY: usize = 20;
/// Bytes of SHA-1's output.
const DIGEST: usize = 20;
/// Bytes of what SHA-1 takes at once.
const BLOCK: usize = 64;
/// SHA-1's initial state, RFC 3174 §6.1.
const INITIAL: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// The states of SHA-1 that have taken the inner and the outer key, so that a packet costs its own
/// blocks and one more. Packets are hashed where they lie. Wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Authenticator {
    inner: [u32; 5],
    outer: [u32; 5],
}

impl Authenticator {
    pub(crate) fn new(key: &[u8; KEY]) -> Self {
        let keyed = |pad: u8| {
            let mut block = Zeroizing::new([pad; BLOCK]);
            block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
            let mut state = INITIAL;
            compress(&mut state, core::slice::from_ref(&block));
            state
        };
        Self { inner: keyed(0x36), outer: keyed(0x5c) }
    }

    /// Begins with a packet.
    #[inline]
    pub(crate) fn begin(&self) -> Tagging {
        Tagging { state: self.inner, outer: self.outer, taken: 0 }
    }
}

/// A tag in the making.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Tagging {
    state: [u32; 5],
    outer: [u32; 5],
    /// Bytes of the packet that were taken.
    taken: usize,
}

impl Tagging {
    /// Takes those blocks of the packet that end before `until` and have not been taken. What
    /// becomes of them afterwards does not matter.
    #[inline]
    pub(crate) fn take(&mut self, packet: &[u8], until: usize) {
        let bytes = packet.get(self.taken..until).unwrap_or_default();
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        compress(&mut self.state, blocks);
        self.taken = self.taken.saturating_add(bytes.len().saturating_sub(rest.len()));
    }

    #[cfg(test)]
    pub(crate) fn taken(&self) -> usize {
        self.taken
    }

    /// The tag of the packet with `suffix` after it.
    #[inline]
    pub(crate) fn finish(mut self, packet: &[u8], suffix: u32) -> [u8; DIGEST] {
        self.take(packet, packet.len());
        self.finish_with(&End::of(packet, suffix))
    }

    /// The same when all blocks of the packet have been taken.
    #[inline]
    pub(crate) fn finish_with(mut self, end: &End) -> [u8; DIGEST] {
        compress(&mut self.state, end.blocks());
        let mut last = [0; BLOCK];
        put_state(&mut last, &self.state);
        if let Some(end) = last.get_mut(DIGEST) {
            *end = 0x80;
        }
        put_length(&mut last, DIGEST);
        compress(&mut self.outer, &[last]);
        let mut tag = [0; DIGEST];
        put_state(&mut tag, &self.outer);
        tag
    }
}

/// The end of what is hashed: less than a block of the packet, the suffix, and SHA-1's padding, in
/// one block or two.
pub(crate) struct End {
    blocks: [[u8; BLOCK]; 2],
    len: usize,
}

impl End {
    #[inline]
    pub(crate) fn of(packet: &[u8], suffix: u32) -> Self {
        let rest = packet.as_chunks::<BLOCK>().1;
        let mut blocks = [[0; BLOCK]; 2];
        if let Some((to, after)) = blocks.as_flattened_mut().split_at_mut_checked(rest.len()) {
            to.copy_from_slice(rest);
            if let Some((word, after)) = after.split_first_chunk_mut() {
                *word = suffix.to_be_bytes();
                if let Some(first) = after.first_mut() {
                    *first = 0x80;
                }
            }
        }
        // The suffix, the byte after it and the length take 13 bytes.
        let len = if rest.len() > BLOCK - 13 { 2 } else { 1 };
        if let Some(last) = blocks.get_mut(..len).and_then(<[_]>::last_mut) {
            put_length(last, packet.len().saturating_add(size_of::<u32>()));
        }
        Self { blocks, len }
    }

    #[inline]
    fn blocks(&self) -> &[[u8; BLOCK]] {
        self.blocks.get(..self.len).unwrap_or(&self.blocks)
    }
}

/// Whether `tag` begins the one that is expected; how long that takes does not say where they
/// differ.
#[inline]
pub(crate) fn is_tag(expected: &[u8; DIGEST], tag: &[u8]) -> bool {
    expected.get(..tag.len()).is_some_and(|expected| expected.ct_eq(tag).into())
}

#[inline]
fn put_state(bytes: &mut [u8], state: &[u32; 5]) {
    for (to, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *to = word.to_be_bytes();
    }
}

/// The length in bits of the key's block and of `len` bytes, at the end of the last block.
#[inline]
fn put_length(block: &mut [u8; BLOCK], len: usize) {
    let bytes = len.saturating_add(BLOCK);
    if let (Some(end), Ok(bytes)) = (block.last_chunk_mut(), u64::try_from(bytes)) {
        *end = bytes.saturating_mul(8).to_be_bytes();
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use sha1::Sha1;

    use super::*;

    /// Another implementation of HMAC agrees, wherever a message ends in its last block.
    #[test]
    fn is_hmac_of_messages_of_any_length() {
        let key = core::array::from_fn(|i| i as u8);
        let ours = Authenticator::new(&key);
        let message: Vec<u8> = (0..=255).cycle().take(300).collect();
        for len in 0..message.len() {
            let mut other = Hmac::<Sha1>::new_from_slice(&key).expect("any length");
            other.update(&message[..len]);
            other.update(&[1, 2, 3, 4]);
            let expected = other.finalize().into_bytes();
            let tag = ours.begin().finish(&message[..len], 0x0102_0304);
            assert_eq!(tag.as_slice(), expected.as_slice(), "{len}");
        }
    }

    #[test]
    fn blocks_may_be_taken_before_the_rest() {
        let authenticator = Authenticator::new(&[9; KEY]);
        let packet: Vec<u8> = (0..=255).cycle().take(500).collect();
        let expected = authenticator.begin().finish(&packet, 5);
        let mut tagging = authenticator.begin();
        let mut changing = packet.clone();
        for until in [0, 63, 64, 64, 10, 200, 400, 447, 448, 10_000] {
            tagging.take(&changing, until);
            changing[..tagging.taken()].fill(0);
        }
        assert_eq!(tagging.taken(), 448);
        assert_eq!(tagging.finish_with(&End::of(&packet, 5)), expected);
    }

    #[test]
    fn a_tag_is_good_from_its_beginning() {
        let good = Authenticator::new(&[9; KEY]).begin().finish(b"message", 5);
        for len in [4, 10, 20] {
            assert!(is_tag(&good, &good[..len]));
            for bit in 0..len * 8 {
                let mut bad = good;
                bad[bit / 8] ^= 1 << (bit % 8);
                assert!(!is_tag(&good, &bad[..len]));
            }
        }
        assert!(!is_tag(&good, &[good.as_slice(), &[0]].concat()));
    }

    #[test]
    fn wipes_its_state() {
        let mut authenticator = Authenticator::new(&[9; KEY]);
        authenticator.zeroize();
        assert_eq!((authenticator.inner, authenticator.outer), ([0; 5], [0; 5]));
    }
}
