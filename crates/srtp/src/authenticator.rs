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

    /// Authenticates `bytes` with `suffix` after them.
    #[inline]
    pub(crate) fn tag(&self, bytes: &[u8], suffix: u32) -> [u8; DIGEST] {
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        let mut state = self.inner;
        compress(&mut state, blocks);
        finish(&mut state, rest, suffix, bytes.len());

        let mut last = [0; BLOCK];
        for (to, word) in last.as_chunks_mut::<4>().0.iter_mut().zip(state) {
            *to = word.to_be_bytes();
        }
        if let Some(end) = last.get_mut(DIGEST) {
            *end = 0x80;
        }
        put_length(&mut last, DIGEST);
        let mut state = self.outer;
        compress(&mut state, &[last]);

        let mut tag = [0; DIGEST];
        for (to, word) in tag.as_chunks_mut::<4>().0.iter_mut().zip(state) {
            *to = word.to_be_bytes();
        }
        tag
    }

    /// Whether `tag` begins the tag of `bytes` and `suffix`; how long that takes does not say where
    /// they differ.
    #[inline]
    pub(crate) fn verify(&self, bytes: &[u8], suffix: u32, tag: &[u8]) -> bool {
        let expected = self.tag(bytes, suffix);
        expected.get(..tag.len()).is_some_and(|expected| expected.ct_eq(tag).into())
    }
}

/// Takes the end of a message of which `len` bytes went before the suffix: less than a block, the
/// suffix, and SHA-1's padding, in one block or two.
#[inline]
fn finish(state: &mut [u32; 5], rest: &[u8], suffix: u32, len: usize) {
    let mut end = [[0; BLOCK]; 2];
    let flat = end.as_flattened_mut();
    if let Some((to, after)) = flat.split_at_mut_checked(rest.len()) {
        to.copy_from_slice(rest);
        if let Some((word, after)) = after.split_first_chunk_mut() {
            *word = suffix.to_be_bytes();
            if let Some(first) = after.first_mut() {
                *first = 0x80;
            }
        }
    }
    let [first, second] = &mut end;
    let len = len.saturating_add(size_of::<u32>());
    // The suffix, the byte after it and the length take 13 bytes.
    if rest.len() > BLOCK - 13 {
        put_length(second, len);
        compress(state, &end);
    } else {
        put_length(first, len);
        compress(state, core::slice::from_ref(first));
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
            let tag = ours.tag(&message[..len], 0x0102_0304);
            assert_eq!(tag.as_slice(), expected.as_slice(), "{len}");
        }
    }

    #[test]
    fn verifies_the_beginning_of_a_tag_and_nothing_else() {
        let authenticator = Authenticator::new(&[9; KEY]);
        let good = authenticator.tag(b"message", 5);
        for len in [4, 10, 20] {
            assert!(authenticator.verify(b"message", 5, &good[..len]));
            for bit in 0..len * 8 {
                let mut bad = good;
                bad[bit / 8] ^= 1 << (bit % 8);
                assert!(!authenticator.verify(b"message", 5, &bad[..len]));
            }
        }
        assert!(!authenticator.verify(b"message", 6, &good));
        assert!(!authenticator.verify(b"massage", 5, &good));
        assert!(!authenticator.verify(b"message", 5, &[good.as_slice(), &[0]].concat()));
    }

    #[test]
    fn wipes_its_state() {
        let mut authenticator = Authenticator::new(&[9; KEY]);
        authenticator.zeroize();
        assert_eq!((authenticator.inner, authenticator.outer), ([0; 5], [0; 5]));
    }
}
