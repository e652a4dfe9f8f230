//! HMAC over a STUN message, RFC 2104: the states after the padded key are kept, and the text is
//! laid into blocks by hand.
//!
//! A message of 64 bytes costs the three compressions that its hash needs, and no buffer, counter
//! or length that a general hasher carries along.

use core::fmt;
use core::marker::PhantomData;

use crate::message::HEADER;

/// Bytes of a block of SHA-1 and of SHA-256.
pub(crate) const BLOCK: usize = 64;

/// A hash function whose state is `N` words.
pub(crate) trait Compression<const N: usize> {
    /// The state before the first block.
    const INITIAL: [u32; N];

    /// Takes whole blocks into the state.
    fn compress(state: &mut [u32; N], blocks: &[[u8; BLOCK]]);
}

/// SHA-1, FIPS 180-4 §6.1.
#[derive(Clone, Copy)]
pub(crate) enum Sha1 {}

impl Compression<5> for Sha1 {
    const INITIAL: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

    #[inline]
    fn compress(state: &mut [u32; 5], blocks: &[[u8; BLOCK]]) {
        sha1::block_api::compress(state, blocks);
    }
}

/// SHA-256, FIPS 180-4 §6.2.
#[derive(Clone, Copy)]
pub(crate) enum Sha256 {}

impl Compression<8> for Sha256 {
    const INITIAL: [u32; 8] = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];

    #[inline]
    fn compress(state: &mut [u32; 8], blocks: &[[u8; BLOCK]]) {
        sha2::block_api::compress256(state, blocks);
    }
}

/// A key: the states of the inner and of the outer hash after it.
pub(crate) struct HmacKey<H, const N: usize> {
    inner: [u32; N],
    outer: [u32; N],
    hash: PhantomData<H>,
}

impl<H, const N: usize> Clone for HmacKey<H, N> {
    fn clone(&self) -> Self {
        Self { inner: self.inner, outer: self.outer, hash: PhantomData }
    }
}

impl<H: Compression<N>, const N: usize> HmacKey<H, N> {
    /// The states of a key that fills its block up with zeros. A longer one is hashed first.
    pub(crate) fn new(block: &[u8; BLOCK]) -> Self {
        let state = |pad: u8| {
            let mut state = H::INITIAL;
            H::compress(&mut state, &[block.map(|byte| byte ^ pad)]);
            state
        };
        Self { inner: state(0x36), outer: state(0x5c), hash: PhantomData }
    }

    /// The code of a message: its header, and the attributes that follow.
    #[inline]
    pub(crate) fn code(&self, header: &[u8; HEADER], attributes: &[u8]) -> Digest<N> {
        let mut inner = self.inner;
        let mut tail = [[0; BLOCK]; 2];
        let (first, rest) = attributes.split_at(attributes.len().min(BLOCK - HEADER));
        let flat = tail.as_flattened_mut();
        flat[..HEADER].copy_from_slice(header);
        flat[HEADER..HEADER + first.len()].copy_from_slice(first);
        let mut filled = HEADER + first.len();
        if !rest.is_empty() {
            let [head, _] = &tail;
            H::compress(&mut inner, core::slice::from_ref(head));
            let (blocks, end) = rest.as_chunks::<BLOCK>();
            H::compress(&mut inner, blocks);
            tail = [[0; BLOCK]; 2];
            tail.as_flattened_mut()[..end.len()].copy_from_slice(end);
            filled = end.len();
        }
        finish::<H, N>(&mut inner, &mut tail, filled, BLOCK + HEADER + attributes.len());
        let (mut outer, mut block) = (self.outer, [[0; BLOCK]; 2]);
        let digest = block.as_flattened_mut()[..4 * N].as_chunks_mut::<4>().0;
        digest.iter_mut().zip(inner).for_each(|(bytes, word)| *bytes = word.to_be_bytes());
        finish::<H, N>(&mut outer, &mut block, 4 * N, BLOCK + 4 * N);
        Digest(outer)
    }
}

/// Hashes the last `filled` bytes of a text of `length` bytes, with the padding of FIPS 180-4
/// §5.1.1: a one, zeros, and the length in bits. `filled` is at most a block.
#[inline]
fn finish<H: Compression<N>, const N: usize>(
    state: &mut [u32; N],
    tail: &mut [[u8; BLOCK]; 2],
    filled: usize,
    length: usize,
) {
    let blocks = if filled + 9 > BLOCK { 2 } else { 1 };
    let flat = &mut tail.as_flattened_mut()[..blocks * BLOCK];
    flat[filled] = 0x80;
    if let Some(last) = flat.last_chunk_mut::<8>() {
        *last = (length as u64 * 8).to_be_bytes();
    }
    H::compress(state, &tail[..blocks]);
}

/// A code, in words.
#[derive(Clone, Copy)]
pub(crate) struct Digest<const N: usize>([u32; N]);

impl<const N: usize> Digest<N> {
    /// Appends it.
    #[inline]
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        self.0.iter().for_each(|word| out.extend_from_slice(&word.to_be_bytes()));
    }

    /// Whether it begins with `value`, which is made of whole words, in time that depends on the
    /// length only.
    #[inline]
    pub(crate) fn begins_with(self, value: &[u8]) -> bool {
        let (words, rest) = value.as_chunks::<4>();
        let difference = words
            .iter()
            .zip(self.0)
            .fold(0, |difference, (bytes, word)| difference | (u32::from_be_bytes(*bytes) ^ word));
        // The barrier keeps the compiler from leaving the loop at the first difference.
        rest.is_empty() && words.len() <= N && core::hint::black_box(difference) == 0
    }
}

impl<H, const N: usize> fmt::Debug for HmacKey<H, N> {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacKey")
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against an implementation that is not ours, around all borders of blocks.
        #[test]
        fn is_the_hmac_of_others(
            key in proptest::collection::vec(any::<u8>(), BLOCK),
            text in proptest::collection::vec(any::<u8>(), HEADER..400),
        ) {
            let block = key.clone().try_into().unwrap();
            let (header, attributes) = text.split_first_chunk().unwrap();
            let mut sha1 = Hmac::<sha1::Sha1>::new_from_slice(&key).unwrap();
            sha1.update(&text);
            let sha1 = sha1.finalize().into_bytes();
            let code = HmacKey::<Sha1, 5>::new(&block).code(header, attributes);
            let mut out = Vec::new();
            code.write(&mut out);
            prop_assert_eq!(&out[..], &sha1[..]);
            prop_assert!(code.begins_with(&out) && code.begins_with(&out[..16]));
            let mut sha256 = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
            sha256.update(&text);
            let code = HmacKey::<Sha256, 8>::new(&block).code(header, attributes);
            let mut out = Vec::new();
            code.write(&mut out);
            prop_assert_eq!(&out[..], &sha256.finalize().into_bytes()[..]);
        }
    }

    #[test]
    fn another_code_of_the_same_beginning_is_another() {
        let code = HmacKey::<Sha1, 5>::new(&[7; BLOCK]).code(&[1; HEADER], &[2; 8]);
        let mut value = Vec::new();
        code.write(&mut value);
        for bit in 0..value.len() * 8 {
            value[bit / 8] ^= 1 << (bit % 8);
            assert!(!code.begins_with(&value), "bit {bit}");
            value[bit / 8] ^= 1 << (bit % 8);
        }
        assert!(!code.begins_with(&value[..19]));
        assert!(!code.begins_with(&[&value[..], &[0; 4]].concat()));
    }
}
