//! Keys for others, RFC 5705 §4 and RFC 8446 §7.5.

use crate::CipherSuite;
use crate::crypto::Crypto;

use super::Secret;
use super::hkdf::Hkdf;
use super::twelve::{Master, Randoms};

/// What keys for others are made from.
pub(crate) enum Exporter {
    Twelve(Master),
    Thirteen { suite: CipherSuite, secret: Secret },
}

impl Exporter {
    /// Fills `out`. In DTLS 1.2 an empty context differs from none.
    pub(crate) fn export(
        &self,
        crypto: &dyn Crypto,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) {
        match self {
            Self::Twelve(master) => {
                let Randoms { client, server } = &master.randoms;
                let length = context.map(|context| {
                    let [.., l0, l1] = context.len().to_be_bytes();
                    [l0, l1]
                });
                let length = length.as_ref().map_or(&[][..], |length| length);
                let seed = [client.as_slice(), server, length, context.unwrap_or_default()];
                master.prf(crypto, label, seed, out);
            }
            Self::Thirteen { suite, secret } => {
                let hkdf = Hkdf::new(crypto, suite.hash());
                let derived = hkdf.derive(secret, label, hkdf.digest(&[]).as_bytes());
                let context = hkdf.digest(context.unwrap_or_default());
                hkdf.expand(derived.as_bytes(), b"exporter", context.as_bytes(), out);
            }
        }
    }
}
