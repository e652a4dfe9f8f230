use proptest::prelude::*;

use super::*;
use crate::wire::{Extensions, Numbers, extension};
use crate::{CipherSuite, NamedGroup, SignatureScheme};

fn bytes(max: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..max)
}

fn block(content: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    extension::put(&mut block, 0x5A5A, |out| out.extend_from_slice(content));
    block
}

/// Writes with `write`, and checks that each truncation, and one byte more, is refused.
fn written(write: impl Fn(&mut Vec<u8>), parses: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    for len in 0..out.len() {
        assert!(!parses(&out[..len]), "{len} of {}", out.len());
    }
    out.push(0);
    assert!(!parses(&out));
    out.pop();
    out
}

proptest! {
    #[test]
    fn hellos(random: [u8; 32], session_id in bytes(32), cookie in bytes(200), suite: u16, content in bytes(30)) {
        let block = block(&content);
        let numbers = suite.to_be_bytes();
        let client = ClientHello {
            version: 0xFEFD,
            random: &random,
            session_id: &session_id,
            cookie: &cookie,
            suites: Numbers::parse(&numbers).expect("one"),
            extensions: Extensions::written(&block),
        };
        let mut out = Vec::new();
        client.write(&mut out);
        prop_assert_eq!(ClientHello::parse(&out), Ok(client));
        let server = ServerHello {
            random: &random,
            session_id: &session_id,
            suite: CipherSuite(suite),
            extensions: Extensions::written(&block),
        };
        let mut out = Vec::new();
        server.write(&mut out);
        prop_assert_eq!(ServerHello::parse(&out), Ok(server));
        let verify = HelloVerifyRequest { cookie: &cookie };
        let out = written(|out| verify.write(out), |bytes| HelloVerifyRequest::parse(bytes).is_ok());
        prop_assert_eq!(HelloVerifyRequest::parse(&out), Ok(verify));
    }

    #[test]
    fn certificates(
        all in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..3),
        context in bytes(20),
        content in bytes(30),
        number: u16,
    ) {
        let chain: Vec<_> = all.iter().map(Vec::as_slice).collect();
        let one = Certificate12 { chain: chain.clone() };
        let out = written(|out| one.write(out), |bytes| Certificate12::parse(bytes).is_ok());
        prop_assert_eq!(Certificate12::parse(&out), Ok(one));
        let one = Certificate13 { context: &context, chain };
        let out = written(|out| one.write(out), |bytes| Certificate13::parse(bytes).is_ok());
        prop_assert_eq!(Certificate13::parse(&out), Ok(one));
        let numbers = number.to_be_bytes();
        let one = CertificateRequest12 { schemes: Numbers::parse(&numbers).expect("one") };
        let out = written(|out| one.write(out), |bytes| CertificateRequest12::parse(bytes).is_ok());
        prop_assert_eq!(CertificateRequest12::parse(&out), Ok(one));
        let block = block(&content);
        let one = CertificateRequest13 { context: &context, extensions: Extensions::written(&block) };
        let out = written(|out| one.write(out), |bytes| CertificateRequest13::parse(bytes).is_ok());
        prop_assert_eq!(CertificateRequest13::parse(&out), Ok(one));
        let one = EncryptedExtensions { extensions: Extensions::written(&block) };
        let out = written(|out| one.write(out), |bytes| EncryptedExtensions::parse(bytes).is_ok());
        prop_assert_eq!(EncryptedExtensions::parse(&out), Ok(one));
    }

    #[test]
    fn signatures_and_shares(scheme: u16, signature in bytes(90), group: u16, share in bytes(130)) {
        let signed = CertificateVerify { scheme: SignatureScheme(scheme), signature: &signature };
        let out = written(|out| signed.write(out), |bytes| CertificateVerify::parse(bytes).is_ok());
        prop_assert_eq!(CertificateVerify::parse(&out), Ok(signed));
        let one = ServerKeyExchange { group: NamedGroup(group), share: &share, signed };
        let out = written(|out| one.write(out), |bytes| ServerKeyExchange::parse(bytes).is_ok());
        prop_assert_eq!(ServerKeyExchange::parse(&out), Ok(one));
        let one = ClientKeyExchange { share: &share };
        let out = written(|out| one.write(out), |bytes| ClientKeyExchange::parse(bytes).is_ok());
        prop_assert_eq!(ClientKeyExchange::parse(&out), Ok(one));
    }

    #[test]
    fn acknowledgements(numbers in prop::collection::vec(any::<(u64, u64)>(), 0..9)) {
        let numbers: Vec<_> =
            numbers.into_iter().map(|(epoch, sequence)| RecordNumber { epoch, sequence }).collect();
        let out = written(|out| Ack::write(&numbers, out), |bytes| Ack::parse(bytes).is_ok());
        prop_assert_eq!(out.len(), Ack::HEADER + Ack::NUMBER * numbers.len());
        prop_assert_eq!(Ack::parse(&out).expect("valid").iter().collect::<Vec<_>>(), numbers);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in bytes(120)) {
        let _ = (ClientHello::parse(&bytes), ServerHello::parse(&bytes), Ack::parse(&bytes));
        let _ = (Certificate12::parse(&bytes), Certificate13::parse(&bytes));
        let _ = (CertificateRequest12::parse(&bytes), CertificateRequest13::parse(&bytes));
        let _ = (ServerKeyExchange::parse(&bytes), ClientKeyExchange::parse(&bytes));
        let _ = (HelloVerifyRequest::parse(&bytes), EncryptedExtensions::parse(&bytes));
        let _ = (CertificateVerify::parse(&bytes), KeyUpdate::parse(&bytes));
    }
}

#[test]
fn key_updates() {
    for update in [KeyUpdate::NotRequested, KeyUpdate::Requested] {
        let out = written(|out| update.write(out), |bytes| KeyUpdate::parse(bytes).is_ok());
        assert_eq!(KeyUpdate::parse(&out), Ok(update));
    }
    assert!(KeyUpdate::parse(&[2]).is_err());
}

#[test]
fn hellos_say_what_they_must() {
    let hello = |compression: &[u8]| {
        [&[0xFE, 0xFD][..], &[7; 32], &[0, 0, 0, 2, 0x13, 1], compression].concat()
    };
    assert!(ClientHello::parse(&hello(&[1, 0])).is_ok());
    assert!(ClientHello::parse(&hello(&[1, 1])).is_err());
    assert!(ClientHello::parse(&hello(&[0])).is_err());
    let hello = |version: u8, compression: u8| {
        [&[0xFE, version][..], &[7; 32], &[0, 0x13, 1, compression]].concat()
    };
    assert!(ServerHello::parse(&hello(0xFD, 0)).is_ok());
    assert!(ServerHello::parse(&hello(0xFD, 1)).is_err());
    assert!(ServerHello::parse(&hello(0xFF, 0)).is_err());
}
