//! The public-key operations that no mutually authenticated ECDHE-ECDSA handshake can do without, in
//! three groups, and the AEAD of one record.

use std::hint::black_box;

use libcrux_ml_kem::mlkem768;
use ring::aead::quic::{self, HeaderProtectionKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{
    self, Algorithm, ECDH_P256, EphemeralPrivateKey, PublicKey, X25519, agree_ephemeral,
};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{
    self, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
};

/// As much as is signed in a handshake.
const TRANSCRIPT: &[u8] = &[7; 256];

pub(in crate::workloads) struct Limit {
    rng: SystemRandom,
    identity: EcdsaKeyPair,
    gcm: LessSafeKey,
    mask: HeaderProtectionKey,
}

impl Limit {
    pub(in crate::workloads) fn new() -> Self {
        let rng = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &rng).unwrap();
        let identity = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &rng).unwrap();
        let gcm = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &[1; 16]).unwrap());
        let mask = HeaderProtectionKey::new(&quic::AES_128, &[2; 16]).unwrap();
        Self { rng, identity, gcm, mask }
    }

    /// One end's part of a handshake.
    pub(in crate::workloads) fn public_keys(&self) {
        let identity = self.identity.public_key();
        let theirs = agreement::UnparsedPublicKey::new(&ECDH_P256, identity.as_ref());
        let (ours, _) = self.share(&ECDH_P256);
        agree_ephemeral(ours, &theirs, |secret| black_box(secret[0])).unwrap();
        self.signature();
    }

    /// Both ends' parts of a handshake.
    pub(super) fn x25519(&self) {
        let (client, server) = (self.share(&X25519), self.share(&X25519));
        for (ours, theirs) in [(client.0, server.1), (server.0, client.1)] {
            let theirs = agreement::UnparsedPublicKey::new(&X25519, theirs);
            agree_ephemeral(ours, &theirs, |secret| black_box(secret[0])).unwrap();
            self.signature();
        }
    }

    /// The same, with ML-KEM-768 beside it.
    pub(super) fn hybrid(&self) {
        let (mut pair, mut message) = ([0; 64], [0; 32]);
        self.rng.fill(&mut pair).unwrap();
        self.rng.fill(&mut message).unwrap();
        let pair = mlkem768::generate_key_pair(pair);
        assert!(mlkem768::validate_public_key(pair.public_key()));
        let (ciphertext, sent) = mlkem768::encapsulate(pair.public_key(), message);
        assert!(mlkem768::decapsulate(pair.private_key(), &ciphertext) == sent);
        self.x25519();
    }

    fn share(&self, group: &'static Algorithm) -> (EphemeralPrivateKey, PublicKey) {
        let ours = EphemeralPrivateKey::generate(group, &self.rng).unwrap();
        let share = ours.compute_public_key().unwrap();
        (ours, share)
    }

    fn signature(&self) {
        let identity = self.identity.public_key();
        let signed = self.identity.sign(&self.rng, TRANSCRIPT).unwrap();
        let key = signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, identity);
        key.verify(TRANSCRIPT, signed.as_ref()).unwrap();
    }

    /// Seals and opens a record of so many bytes.
    pub(in crate::workloads) fn record(&self, len: usize) {
        let mut record = Vec::with_capacity(len + 16);
        self.in_place(&mut record, len);
        black_box(record);
    }

    /// The same in a buffer that is there.
    pub(super) fn in_place(&self, record: &mut Vec<u8>, len: usize) {
        self.seal_and_open(record, len, |_| {});
    }

    /// The same as DTLS 1.3 does it: the content type is encrypted too, which begins another block,
    /// and on each side a mask hides the record's number.
    pub(super) fn in_place_13(&self, record: &mut Vec<u8>, len: usize) {
        self.seal_and_open(record, len + 1, |sealed| {
            black_box(self.mask.new_mask(&sealed[..16]).unwrap());
        });
    }

    fn seal_and_open(&self, record: &mut Vec<u8>, len: usize, each_side: impl Fn(&[u8])) {
        record.clear();
        record.resize(len, 0x5a);
        let nonce = || Nonce::assume_unique_for_key([3; 12]);
        let aad = || Aad::from([0; 13]);
        self.gcm.seal_in_place_append_tag(nonce(), aad(), record).unwrap();
        each_side(record);
        each_side(black_box(record));
        self.gcm.open_in_place(nonce(), aad(), black_box(record)).unwrap();
    }
}
