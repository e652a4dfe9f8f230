//! dimpl, str0m's.

use std::sync::Arc;
use std::time::{Duration, Instant};

use dimpl::crypto::{Dtls12CipherSuite, Dtls13CipherSuite, aws_lc_rs};
use dimpl::{Config, ConfigBuilder, NamedGroup, Output};

use super::{Contender, Dtls};

/// Its defaults prefer X25519 and AES-256. Its own default cryptography is asked for by name: the
/// features of the packages in this program may choose another.
pub(super) fn contenders() -> Vec<Contender> {
    let defaults = || Config::builder().with_crypto_provider(aws_lc_rs::default_provider());
    let p256 = || {
        defaults()
            .mtu(1200)
            .kx_groups(&[NamedGroup::Secp256r1])
            .dtls12_cipher_suites(&[Dtls12CipherSuite::ECDHE_ECDSA_AES128_GCM_SHA256])
            .dtls13_cipher_suites(&[Dtls13CipherSuite::AES_128_GCM_SHA256])
    };
    let (v12, v13) = (dimpl::Dtls::new_12, dimpl::Dtls::new_13);
    vec![
        Contender::new("dimpl 0.9, DTLS 1.2, P-256, AES-128", maker(v12, p256())),
        Contender::new("dimpl 0.9, DTLS 1.3, P-256, AES-128", maker(v13, p256())),
        Contender::new("dimpl 0.9, DTLS 1.2, its defaults", maker(v12, defaults())),
        Contender::new("dimpl 0.9, DTLS 1.3, its defaults", maker(v13, defaults())),
    ]
}

struct Dimpl {
    dtls: dimpl::Dtls,
    now: Instant,
    connected: bool,
    received: usize,
    wire: Vec<Vec<u8>>,
    buffer: Vec<u8>,
}

type New = fn(Arc<Config>, dimpl::DtlsCertificate, Instant) -> dimpl::Dtls;

fn maker(new: New, config: ConfigBuilder) -> impl Fn() -> (Dimpl, Dimpl) + Clone {
    let config = Arc::new(config.build().unwrap());
    let certificates =
        [0; 2].map(|_| dimpl::certificate::generate_self_signed_certificate().unwrap());
    let now = Instant::now();
    move || {
        let end = |active: bool| {
            let certificate = certificates[usize::from(active)].clone();
            let mut dtls = new(config.clone(), certificate, now);
            dtls.set_active(active);
            dtls.handle_timeout(now).unwrap();
            let (wire, buffer) = (Vec::new(), vec![0; 4096]);
            let mut end = Dimpl { dtls, now, connected: false, received: 0, wire, buffer };
            end.poll();
            end
        };
        (end(true), end(false))
    }
}

impl Dimpl {
    fn poll(&mut self) {
        loop {
            match self.dtls.poll_output(&mut self.buffer) {
                Output::Packet(packet) => self.wire.push(packet.to_vec()),
                Output::Timeout(_) => return,
                Output::Connected => self.connected = true,
                Output::ApplicationData(data) => self.received += data.len(),
                Output::BufferTooSmall { needed } => self.buffer.resize(needed, 0),
                _ => {}
            }
        }
    }
}

impl Dtls for Dimpl {
    type Datagram = Vec<u8>;

    fn input(&mut self, datagram: Vec<u8>) {
        self.dtls.handle_packet(&datagram).unwrap();
        self.poll();
    }

    fn output(&mut self, wire: &mut Vec<Vec<u8>>) {
        // Some of its flights wait for a timeout that is due at once.
        if self.wire.is_empty() && !self.connected {
            self.now += Duration::from_millis(1);
            self.dtls.handle_timeout(self.now).unwrap();
            self.poll();
        }
        wire.append(&mut self.wire);
    }

    fn connected(&self) -> bool {
        self.connected
    }

    fn send(&mut self, data: &[u8]) {
        self.dtls.send_application_data(data).unwrap();
        self.poll();
    }

    fn received(&mut self) -> usize {
        std::mem::take(&mut self.received)
    }
}
