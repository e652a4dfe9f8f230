//! rtc-dtls, of webrtc-rs' sans-IO family.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;
use rtc_dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};

use super::Dtls;

const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5000);

pub(super) struct Rtc {
    endpoint: Endpoint,
    now: Instant,
    connected: bool,
    received: usize,
}

pub(super) fn maker() -> impl Fn() -> (Rtc, Rtc) + Clone {
    let (client, server) = (config(true), config(false));
    let now = Instant::now();
    move || {
        let end = |server| Rtc {
            endpoint: Endpoint::new(PEER, rtc_shared::TransportProtocol::UDP, server),
            now,
            connected: false,
            received: 0,
        };
        let mut active = end(None);
        active.endpoint.connect(now, PEER, client.clone(), None).unwrap();
        (active, end(Some(server.clone())))
    }
}

fn config(client: bool) -> Arc<HandshakeConfig> {
    let provider = rtc_crypto::default_provider().unwrap();
    let names = vec!["perf".to_owned()];
    let certificate = Certificate::generate_self_signed(names, provider.crypto()).unwrap();
    let config = ConfigBuilder::default()
        .with_crypto_provider(provider)
        .with_certificates(vec![certificate])
        .with_client_auth(ClientAuthType::RequireAnyClientCert)
        .with_extended_master_secret(ExtendedMasterSecretType::Require)
        .with_insecure_skip_verify(true)
        .build(client, client.then_some(PEER));
    Arc::new(config.unwrap())
}

impl Dtls for Rtc {
    type Datagram = BytesMut;

    fn input(&mut self, datagram: BytesMut) {
        for event in self.endpoint.read(self.now, PEER, None, datagram).unwrap() {
            match event {
                EndpointEvent::HandshakeComplete => self.connected = true,
                EndpointEvent::ApplicationData(data) => self.received += data.len(),
                _ => {}
            }
        }
    }

    fn output(&mut self, wire: &mut Vec<BytesMut>) {
        while let Some(transmit) = self.endpoint.poll_transmit() {
            wire.push(transmit.message);
        }
    }

    fn connected(&self) -> bool {
        self.connected
    }

    fn send(&mut self, data: &[u8]) {
        self.endpoint.write(self.now, PEER, data).unwrap();
    }

    fn received(&mut self) -> usize {
        std::mem::take(&mut self.received)
    }
}
