//! The public-key operations that no mutually authenticated ECDHE-ECDSA handshake can do without,
//! and the AEAD of one record.

use std::hint::black_box;

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{self, ECDH_P256, EphemeralPrivateKey, agree_ephemeral};
use ring::rand::SystemRandom;
use ring::signature::{
    self, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
};

use super::RECORD;

/// As much as is signed in a handshake.
const TRANSCRIPT: &[u8] = &[7; 256];

pub(in crate::workloads) struct Limit {
    rng: SystemRandom,
    identity: EcdsaKeyPair,
    gcm: LessSafeKey,
}

impl Limit {
    pub(in crate::workloads) fn new() -> Self {
        let rng = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &rng).unwrap();
        let identity = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &rng).unwrap();
        let gcm = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &[1; 16]).unwrap());
        Self { rng, identity, gcm }
    }

    /// One end's part of a handshake.
    pub(in crate::workloads) fn public_keys(&self) {
        let ours = EphemeralPrivateKey::generate(&ECDH_P256, &self.rng).unwrap();
        ours.compute_public_key().unwrap();
        let identity = self.identity.public_key();
        let theirs = agreement::UnparsedPublicKey::new(&ECDH_P256, identity.as_ref());
        agree_ephemeral(ours, &theirs, |secret| black_box(secret[0])).unwrap();
        let signed = self.identity.sign(&self.rng, TRANSCRIPT).unwrap();
        let key = signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, identity);
        key.verify(TRANSCRIPT, signed.as_ref()).unwrap();
    }

    /// Seals and opens a record.
    pub(in crate::workloads) fn record(&self) {
        let mut record = vec![0x5a; RECORD];
        let nonce = || Nonce::assume_unique_for_key([3; 12]);
        let aad = || Aad::from([0; 13]);
        self.gcm.seal_in_place_append_tag(nonce(), aad(), &mut record).unwrap();
        self.gcm.open_in_place(nonce(), aad(), black_box(&mut record)).unwrap();
        black_box(record);
    }
}
