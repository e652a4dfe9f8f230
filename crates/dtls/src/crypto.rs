//! The cryptography that a connection asks others for.

use core::fmt::Debug;

use ring::digest;

use crate::HashFunction;

/// Where a connection takes its cryptography from: `ring` by default, a module with a certificate
/// of its own, a hardware token, or something deterministic for a simulation.
///
/// The trait holds what this crate calls, and grows with it. Today that is hashing; key shares,
/// signatures and AEADs are inside the library behind this crate's seam, which takes them, and
/// their randomness, from the operating system. They move here with our own handshake.
pub trait Crypto: Send + Sync + Debug {
    /// Hashes `message` into `out`, which is as long as the function's digest.
    fn digest(&self, function: HashFunction, message: &[u8], out: &mut [u8]);
}

/// Cryptography by `ring`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ring;

impl Crypto for Ring {
    fn digest(&self, function: HashFunction, message: &[u8], out: &mut [u8]) {
        let algorithm = match function {
            HashFunction::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            HashFunction::Sha256 => &digest::SHA256,
            HashFunction::Sha384 => &digest::SHA384,
            HashFunction::Sha512 => &digest::SHA512,
        };
        let digest = digest::digest(algorithm, message);
        debug_assert_eq!(digest.as_ref().len(), out.len());
        for (slot, byte) in out.iter_mut().zip(digest.as_ref()) {
            *slot = *byte;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fingerprint;

    #[test]
    fn hashes_are_those_of_the_standard() {
        // FIPS 180-4, the message "abc": the first four octets of each.
        for (function, start) in [
            (HashFunction::Sha1, "sha-1 A9:99:3E:36:"),
            (HashFunction::Sha256, "sha-256 BA:78:16:BF:"),
            (HashFunction::Sha384, "sha-384 CB:00:75:3F:"),
            (HashFunction::Sha512, "sha-512 DD:AF:35:A1:"),
        ] {
            let shown = Fingerprint::of(b"abc", function, &Ring).to_string();
            assert!(shown.starts_with(start), "{shown}");
        }
    }
}
