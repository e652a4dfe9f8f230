//! AES in counter mode, RFC 3711 §4.1.1 with keys of 128 bits, RFC 6188 §2 with 256.

use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{
    BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, KeyInit,
};
use aes::{Aes128Enc, Aes256Enc, Block};

/// Bytes of a block.
const BLOCK: usize = 16;
/// Blocks that are encrypted side by side: as many as keep a processor busy, and so few that it
/// can look past them to other work that stands between them.
const LANES: usize = 8;
/// Bytes of those.
pub(crate) const CHUNK: usize = LANES * BLOCK;

/// An expanded key, wiped when dropped.
pub(crate) enum Keystream {
    Aes128(Aes128Enc),
    Aes256(Aes256Enc),
}

impl Keystream {
    /// `None` unless the key has 16 or 32 bytes.
    pub(crate) fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Aes128Enc::new_from_slice(key).ok().map(Self::Aes128),
            32 => Aes256Enc::new_from_slice(key).ok().map(Self::Aes256),
            _ => None,
        }
    }

    /// Encrypts or decrypts `bytes`, which is the same.
    pub(crate) fn apply(&self, iv: u128, bytes: &mut [u8]) {
        self.run(Apply { counter: Counter(iv), bytes });
    }

    /// Does work inside the code for this processor's AES instructions, so that what stands between
    /// two chunks runs beside them.
    #[inline]
    pub(crate) fn run(&self, work: impl BlockCipherEncClosure<BlockSize = U16>) {
        match self {
            Self::Aes128(key) => key.encrypt_with_backend(work),
            Self::Aes256(key) => key.encrypt_with_backend(work),
        }
    }
}

/// What is encrypted to become the next block of the keystream. Its last 16 bits count blocks; no
/// packet has as many as 65536 of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counter(pub(crate) u128);

impl Counter {
    /// Encrypts or decrypts what comes next.
    #[inline(always)]
    pub(crate) fn apply_chunk(
        &mut self,
        aes: &impl BlockCipherEncBackend<BlockSize = U16>,
        chunk: &mut [u8; CHUNK],
    ) {
        let mut keystream = [Block::default(); LANES];
        self.fill(aes, &mut keystream);
        let blocks = chunk.as_chunks_mut::<BLOCK>().0;
        blocks.iter_mut().zip(&keystream).for_each(|(block, key)| xor(block, key));
    }

    /// Encrypts or decrypts what comes last, which may end anywhere.
    #[inline(always)]
    pub(crate) fn apply_rest(
        mut self,
        aes: &impl BlockCipherEncBackend<BlockSize = U16>,
        rest: &mut [u8],
    ) {
        let (chunks, rest) = rest.as_chunks_mut::<CHUNK>();
        chunks.iter_mut().for_each(|chunk| self.apply_chunk(aes, chunk));
        let mut keystream = [Block::default(); LANES];
        let Some(keystream) = keystream.get_mut(..rest.len().div_ceil(BLOCK)) else { return };
        self.fill(aes, keystream);
        let (blocks, end) = rest.as_chunks_mut::<BLOCK>();
        blocks.iter_mut().zip(&*keystream).for_each(|(block, key)| xor(block, key));
        if let Some(key) = keystream.last() {
            end.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        }
    }

    /// The next blocks of the keystream.
    #[inline(always)]
    fn fill<A: BlockCipherEncBackend<BlockSize = U16>>(&mut self, aes: &A, blocks: &mut [Block]) {
        for block in &mut *blocks {
            *block = self.0.to_be_bytes().into();
            self.0 = self.0.wrapping_add(1);
        }
        // Where more than these go side by side, blocks on their own are faster than such a row.
        let (rows, rest) = Array::<Block, A::ParBlocksSize>::slice_as_chunks_mut(blocks);
        rows.iter_mut().for_each(|row| aes.encrypt_par_blocks_inplace(row));
        aes.encrypt_tail_blocks_inplace(rest);
    }
}

#[inline(always)]
fn xor(block: &mut [u8; BLOCK], key: &Block) {
    *block = (u128::from_ne_bytes(*block) ^ u128::from_ne_bytes(key.0)).to_ne_bytes();
}

/// Nothing but encryption or decryption.
struct Apply<'b> {
    counter: Counter,
    bytes: &'b mut [u8],
}

impl BlockSizeUser for Apply<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Apply<'_> {
    #[inline(always)]
    fn call<A: BlockCipherEncBackend<BlockSize = U16>>(self, aes: &A) {
        self.counter.apply_rest(aes, self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    /// RFC 3711 §B.2 and RFC 6188 §7.1: the keystream at its beginning, and around counter 0xff00.
    #[test]
    fn is_the_keystream_of_the_rfcs() {
        let table = [
            include_str!("../tests/vectors/rfc3711_b_2_keystream.hex"),
            include_str!("../tests/vectors/rfc6188_7_1_keystream.hex"),
        ];
        for vector in table {
            let [key, salt, first, last] = vectors::fields(vector);
            let keystream = Keystream::new(&key).expect("16 or 32 bytes");
            let iv = salt.iter().fold(0, |iv, byte| iv << 8 | u128::from(*byte)) << 16;
            let mut bytes = vec![0; 0xff02 * 16];
            keystream.apply(iv, &mut bytes);
            assert_eq!(bytes[..48], first);
            assert_eq!(bytes[0xfeff * 16..], last);
        }
    }

    #[test]
    fn any_part_of_a_block_may_be_left_over() {
        let keystream = Keystream::new(&[7; 32]).expect("32 bytes");
        let mut whole = [0; 600];
        keystream.apply(1 << 100, &mut whole);
        for len in 0..whole.len() {
            let mut part = vec![0; len];
            keystream.apply(1 << 100, &mut part);
            assert_eq!(part, whole[..len]);
        }
    }

    #[test]
    fn keys_have_16_or_32_bytes() {
        let lengths = (0..64).filter(|len| Keystream::new(&vec![0; *len]).is_some());
        assert!(lengths.eq([16, 32]));
    }
}
