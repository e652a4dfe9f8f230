//! A secret, or a hash, of up to 48 bytes.

use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The longest: a hash by SHA-384, a master secret of DTLS 1.2.
const MAX: usize = 48;

/// As long as a hash. Wiped when dropped, not shown in `Debug`, compared in constant time.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Secret {
    bytes: [u8; MAX],
    len: usize,
}

impl Secret {
    /// `len` bytes, at most 48, that `fill` fills in.
    pub(crate) fn new(len: usize, fill: impl FnOnce(&mut [u8])) -> Self {
        debug_assert!(len <= MAX);
        let mut secret = Self { bytes: [0; MAX], len: len.min(MAX) };
        fill(secret.bytes.split_at_mut(secret.len).0);
        secret
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.split_at(self.len).0
    }

    /// Whether they are the same, in constant time for equal lengths.
    pub(crate) fn matches(&self, other: &[u8]) -> bool {
        self.as_bytes().ct_eq(other).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_compared_whole_and_wiped() {
        let mut secret = Secret::new(4, |out| out.copy_from_slice(b"abcd"));
        assert!(secret.matches(b"abcd"));
        for other in [&b"abce"[..], b"abc", b"abcde", b""] {
            assert!(!secret.matches(other));
        }
        assert_eq!(format!("{secret:?}"), "Secret { .. }");
        secret.zeroize();
        assert_eq!(secret.bytes, [0; MAX]);
    }
}
