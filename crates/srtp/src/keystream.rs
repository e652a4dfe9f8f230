//! AES in counter mode, RFC 3711 §4.1.1 with keys of 128 bits, RFC 6188 §2 with 256.

use aes::cipher::{BlockCipherEncrypt, InnerIvInit, KeyInit, StreamCipherCore, StreamCipherError};
use aes::{Aes128Enc, Aes256Enc};
use ctr::CtrCore;
use ctr::flavors::Ctr32BE;

/// The last two of an initialization vector's 16 bytes count blocks, so one vector is good for
/// 65536 blocks. Packets are far shorter (`MAX_PACKET`), and 32 bits never carry.
type Counter<'c, C> = CtrCore<&'c C, Ctr32BE>;

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
    #[inline]
    pub(crate) fn apply(&self, iv: u128, bytes: &mut [u8]) {
        let iv = iv.to_be_bytes();
        let applied = match self {
            Self::Aes128(key) => apply(key, &iv, bytes),
            Self::Aes256(key) => apply(key, &iv, bytes),
        };
        debug_assert!(applied.is_ok(), "a packet is shorter than the counter reaches");
    }
}

#[inline]
fn apply<C>(key: &C, iv: &[u8; 16], bytes: &mut [u8]) -> Result<(), StreamCipherError>
where
    C: BlockCipherEncrypt<BlockSize = aes::cipher::consts::U16>,
{
    Counter::inner_iv_init(key, iv.into()).try_apply_keystream_partial(bytes.into())
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
