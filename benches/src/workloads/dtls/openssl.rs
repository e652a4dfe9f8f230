//! OpenSSL.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Result, Write};

use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{
    ErrorCode, Ssl, SslContext, SslMethod, SslOptions, SslSessionCacheMode, SslStream,
    SslVerifyMode, SslVersion,
};
use openssl::x509::{X509, X509Name};

use super::Dtls;

/// Its transport: a datagram a read, a datagram a write.
#[derive(Default)]
struct Wire {
    incoming: VecDeque<Vec<u8>>,
    outgoing: Vec<Vec<u8>>,
}

impl Read for Wire {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        let datagram = self.incoming.pop_front().ok_or(ErrorKind::WouldBlock)?;
        buf[..datagram.len()].copy_from_slice(&datagram);
        Ok(datagram.len())
    }
}

impl Write for Wire {
    fn write(&mut self, buf: &[u8]) -> Result<usize> {
        self.outgoing.push(buf.to_vec());
        Ok(buf.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

pub(super) struct OpenSsl {
    stream: SslStream<Wire>,
    client: bool,
    connected: bool,
    received: usize,
}

pub(super) fn maker() -> impl Fn() -> (OpenSsl, OpenSsl) + Clone {
    let contexts = [context(), context()];
    move || {
        let end = |client: bool| {
            let mut ssl = Ssl::new(&contexts[usize::from(client)]).unwrap();
            ssl.set_mtu(1400).unwrap();
            let stream = SslStream::new(ssl, Wire::default()).unwrap();
            OpenSsl { stream, client, connected: false, received: 0 }
        };
        let mut client = end(true);
        client.advance();
        (client, end(false))
    }
}

fn context() -> SslContext {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut context = SslContext::builder(SslMethod::dtls()).unwrap();
    context.set_private_key(&key).unwrap();
    context.set_certificate(&certificate(&key)).unwrap();
    context.set_cipher_list("ECDHE-ECDSA-AES128-GCM-SHA256").unwrap();
    context.set_groups_list("P-256").unwrap();
    context.set_min_proto_version(Some(SslVersion::DTLS1_2)).unwrap();
    context.set_options(SslOptions::NO_QUERY_MTU | SslOptions::NO_TICKET);
    context.set_session_cache_mode(SslSessionCacheMode::OFF);
    let mutual = SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT;
    context.set_verify_callback(mutual, |_, _| true);
    context.build()
}

fn certificate(key: &PKey<Private>) -> X509 {
    let mut name = X509Name::builder().unwrap();
    name.append_entry_by_text("CN", "perf").unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_pubkey(key).unwrap();
    certificate.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    certificate.set_not_after(&Asn1Time::days_from_now(30).unwrap()).unwrap();
    certificate.sign(key, MessageDigest::sha256()).unwrap();
    certificate.build()
}

impl OpenSsl {
    fn advance(&mut self) {
        let result = if self.client { self.stream.connect() } else { self.stream.accept() };
        match result {
            Ok(()) => self.connected = true,
            Err(error) if error.code() == ErrorCode::WANT_READ => {}
            Err(error) => panic!("{error}"),
        }
    }
}

impl Dtls for OpenSsl {
    type Datagram = Vec<u8>;

    fn input(&mut self, datagram: Vec<u8>) {
        self.stream.get_mut().incoming.push_back(datagram);
        if !self.connected {
            self.advance();
        }
        if self.connected {
            let mut buf = [0; 2048];
            while let Ok(n) = self.stream.ssl_read(&mut buf) {
                self.received += n;
            }
        }
    }

    fn output(&mut self, wire: &mut Vec<Vec<u8>>) {
        wire.append(&mut self.stream.get_mut().outgoing);
    }

    fn connected(&self) -> bool {
        self.connected
    }

    fn send(&mut self, data: &[u8]) {
        self.stream.ssl_write(data).unwrap();
    }

    fn received(&mut self) -> usize {
        std::mem::take(&mut self.received)
    }
}
