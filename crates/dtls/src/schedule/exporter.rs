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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ring;

    #[test]
    fn exports_what_openssl_does() {
        // By OpenSSL 3.0 from a secret of ones: `openssl kdf … -kdfopt prefix:dtls13 TLS13-KDF`, with
        // the label and the hash of nothing, then with "exporter" and the hash of the context.
        for (suite, start, end) in [
            (0x1301, [0xDA, 0x9B, 0x9E, 0x9C], [0xE2, 0x17, 0x39, 0xC0, 0x57]),
            (0x1302, [0xD1, 0x52, 0x53, 0x57], [0xDE, 0x78, 0x9D, 0x18, 0x6D]),
        ] {
            let suite = CipherSuite(suite);
            let secret = Secret::new(suite.hash().digest_len(), |out| out.fill(1));
            let mut out = [0; 40];
            let exporter = Exporter::Thirteen { suite, secret };
            exporter.export(&Ring, b"EXPERIMENTAL", Some(b"context"), &mut out);
            assert_eq!((&out[..4], &out[35..]), (&start[..], &end[..]), "{suite}");
        }
    }
}
