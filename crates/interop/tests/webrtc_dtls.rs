//! DTLS 1.2 with the crate of webrtc-rs, in one process and in virtual time: either role, ECDSA and RSA
//! on our side, any datagram of the handshake lost; a message each way, and the keys for SRTP compared.
#![cfg(test)]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use dtls::{Certificate, Config, Connection, HashFunction, ProtocolVersion, Role, SrtpProfile};
use sansio::{Instant, Machine};
use testkit::SeededRng;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use webrtc_dtls::config::{ClientAuthType, ExtendedMasterSecretType};
use webrtc_dtls::conn::DTLSConn;
use webrtc_dtls::crypto::{CryptoPrivateKey, CryptoPrivateKeyKind};
use webrtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use webrtc_util::KeyingMaterialExporter;
use webrtc_util::conn::Conn;

const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 5000);
const RSA: &str = include_str!("../../dtls/tests/vectors/rsa2048.pem");

/// Their socket.
struct Socket {
    incoming: Mutex<UnboundedReceiver<Vec<u8>>>,
    outgoing: UnboundedSender<Vec<u8>>,
}

#[async_trait]
impl Conn for Socket {
    async fn connect(&self, _: SocketAddr) -> Result<(), webrtc_util::Error> {
        Ok(())
    }

    async fn recv(&self, buf: &mut [u8]) -> Result<usize, webrtc_util::Error> {
        let datagram = self.incoming.lock().await.recv().await;
        let datagram = datagram.ok_or(webrtc_util::Error::ErrBufferClosed)?;
        buf[..datagram.len()].copy_from_slice(&datagram);
        Ok(datagram.len())
    }

    async fn recv_from(&self, buf: &mut [u8]) -> Result<(usize, SocketAddr), webrtc_util::Error> {
        Ok((self.recv(buf).await?, ADDRESS))
    }

    async fn send(&self, buf: &[u8]) -> Result<usize, webrtc_util::Error> {
        let sent = self.outgoing.send(buf.to_vec());
        sent.map_err(|_| webrtc_util::Error::ErrBufferClosed)?;
        Ok(buf.len())
    }

    async fn send_to(&self, buf: &[u8], _: SocketAddr) -> Result<usize, webrtc_util::Error> {
        self.send(buf).await
    }

    fn local_addr(&self) -> Result<SocketAddr, webrtc_util::Error> {
        Ok(ADDRESS)
    }

    fn remote_addr(&self) -> Option<SocketAddr> {
        Some(ADDRESS)
    }

    async fn close(&self) -> Result<(), webrtc_util::Error> {
        Ok(())
    }

    fn as_any(&self) -> &(dyn std::any::Any + Send + Sync) {
        self
    }
}

/// Our end, and the wire.
struct Ours {
    connection: Connection,
    start: tokio::time::Instant,
    to_them: UnboundedSender<Vec<u8>>,
    from_them: UnboundedReceiver<Vec<u8>>,
    /// How many of ours and of theirs have left, and which one is lost.
    sent: [usize; 2],
    lost: Option<(Side, usize)>,
    received: Vec<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Ours,
    Theirs,
}

impl Ours {
    fn now(&self) -> Instant {
        Instant::ZERO + self.start.elapsed()
    }

    /// Whether the next datagram of this side is lost.
    fn loses(&mut self, side: Side) -> bool {
        let count = &mut self.sent[usize::from(side == Side::Theirs)];
        *count += 1;
        self.lost == Some((side, *count - 1))
    }

    fn send(&mut self, datagram: Vec<u8>) {
        if !self.loses(Side::Ours) {
            self.to_them.send(datagram).expect("they are there");
        }
    }

    /// Says what is to be said, then waits for a datagram or for its time.
    async fn turn(&mut self) {
        let now = self.now();
        let mut datagram = Vec::new();
        while self.connection.poll_transmit(now, &mut datagram).is_some() {
            self.send(core::mem::take(&mut datagram));
        }
        let due = self.connection.poll_timeout().map(|at| at.saturating_since(now));
        let due = due.unwrap_or(Duration::from_millis(100));
        match tokio::time::timeout(due, self.from_them.recv()).await {
            Err(_) => self.connection.handle_timeout(self.now()),
            Ok(None) => panic!("their socket is gone"),
            Ok(Some(_)) if self.loses(Side::Theirs) => {}
            Ok(Some(mut datagram)) => {
                let (now, mut rest) = (self.now(), datagram.as_mut_slice());
                while !rest.is_empty() {
                    if let Ok(Some(data)) = self.connection.open(now, &mut rest) {
                        self.received.push(data.to_vec());
                    }
                }
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Key {
    Ecdsa,
    Rsa,
}

impl Key {
    fn certificate(self) -> Certificate {
        match self {
            Self::Ecdsa => Certificate::generate().expect("made"),
            Self::Rsa => Certificate::from_pem(RSA).expect("read"),
        }
    }
}

/// With a key for ECDSA: with RSA it can verify, but not sign.
fn their_config(certificate: &Certificate) -> webrtc_dtls::config::Config {
    let der = certificate.private_key_der();
    let algorithm = &ring::signature::ECDSA_P256_SHA256_ASN1_SIGNING;
    let rng = ring::rand::SystemRandom::new();
    let pair = ring::signature::EcdsaKeyPair::from_pkcs8(algorithm, der, &rng);
    let kind = CryptoPrivateKeyKind::Ecdsa256(pair.expect("P-256"));
    webrtc_dtls::config::Config {
        certificates: vec![webrtc_dtls::crypto::Certificate {
            certificate: vec![certificate.der().to_vec().into()],
            private_key: CryptoPrivateKey { kind, serialized_der: der.to_vec() },
        }],
        srtp_protection_profiles: vec![SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm],
        client_auth: ClientAuthType::RequireAnyClientCert,
        extended_master_secret: ExtendedMasterSecretType::Require,
        flight_interval: Duration::from_millis(100),
        insecure_skip_verify: true,
        ..Default::default()
    }
}

/// A handshake, a message each way, the keys. How long the handshake took.
async fn meet(role: Role, own: Key, lost: Option<(Side, usize)>) -> Duration {
    let [our_certificate, their_certificate] = [own, Key::Ecdsa].map(Key::certificate);
    let config = Config {
        retransmit_initial: Duration::from_millis(100),
        ..Config::new(Arc::new(our_certificate))
    };
    let expected = vec![their_certificate.fingerprint(HashFunction::Sha256)];
    let rng = SeededRng::boxed(1);
    let connection = Connection::new(Instant::ZERO, &config, role, expected, rng).expect("valid");
    let (to_them, incoming) = unbounded_channel();
    let (outgoing, from_them) = unbounded_channel();
    let socket = Arc::new(Socket { incoming: Mutex::new(incoming), outgoing });
    let start = tokio::time::Instant::now();
    let received = Vec::new();
    let mut ours = Ours { connection, start, to_them, from_them, sent: [0; 2], lost, received };
    let their_config = their_config(&their_certificate);
    let is_client = role == Role::Server;
    let theirs = tokio::spawn(DTLSConn::new(socket, their_config, is_client, None));
    while !(theirs.is_finished() && ours.connection.version().is_some()) {
        assert_eq!(ours.connection.close_reason(), None);
        let late = start.elapsed() > Duration::from_secs(20);
        assert!(!late, "not connected: {role:?} {lost:?}, sent {:?}", ours.sent);
        ours.turn().await;
    }
    let took = start.elapsed();
    let theirs = theirs.await.expect("no panic").expect("connected");
    assert_eq!(ours.connection.version(), Some(ProtocolVersion::Dtls12));
    exchange(&mut ours, &theirs).await;
    compare(&ours.connection, &theirs).await;
    took
}

async fn exchange(ours: &mut Ours, theirs: &DTLSConn) {
    ours.lost = None;
    let head = ours.connection.head_room();
    let mut record = vec![0; head];
    record.extend_from_slice(b"from patchcord");
    ours.connection.seal(&mut record, 0).expect("sealed");
    ours.to_them.send(record).expect("they are there");
    let mut buf = [0; 100];
    let len = theirs.read(&mut buf, None).await.expect("read");
    assert_eq!(&buf[..len], b"from patchcord");
    theirs.write(b"from webrtc-rs", None).await.expect("written");
    while ours.received.is_empty() {
        ours.turn().await;
    }
    assert_eq!(ours.received, [b"from webrtc-rs"]);
}

async fn compare(ours: &Connection, theirs: &DTLSConn) {
    let keys = ours.keying_material().expect("SRTP was agreed on");
    assert_eq!(keys.profile(), SrtpProfile::AeadAes128Gcm);
    let [client, server] = [Role::Client, Role::Server].map(|role| keys.written_by(role));
    let ours = [client.key, server.key, client.salt, server.salt].concat();
    let state = theirs.connection_state().await;
    let exported = state.export_keying_material("EXTRACTOR-dtls_srtp", &[], ours.len()).await;
    assert_eq!(exported.expect("exported"), ours);
}

#[tokio::test(start_paused = true)]
async fn connects_in_either_role_with_either_certificate() {
    for role in [Role::Client, Role::Server] {
        for own in [Key::Ecdsa, Key::Rsa] {
            meet(role, own, None).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn any_datagram_may_be_lost_that_its_sender_repeats() {
    for (role, side, numbers) in [
        (Role::Client, Side::Ours, 0..5),
        // Its server does not repeat its last flight, the fourth datagram.
        (Role::Client, Side::Theirs, 0..3),
        (Role::Server, Side::Ours, 0..3),
        (Role::Server, Side::Theirs, 0..3),
    ] {
        for number in numbers {
            let took = meet(role, Key::Ecdsa, Some((side, number))).await;
            assert!(took < Duration::from_secs(5), "{role:?} {side:?} {number}: {took:?}");
        }
    }
}
