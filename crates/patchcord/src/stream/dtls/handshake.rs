//! The handshake with a server that is known by name, RFC 7350 §4.1: nothing is said to it before it
//! has shown who it is.

use core::net::SocketAddr;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;

use dtls::{
    Alert, Certificate, ClientAuthentication, Config, Connection, Event, NamedGroup, Role,
    ServerAuthentication,
};
use rustls::AlertDescription;
use rustls::pki_types::{CertificateDer, ServerName};
use sansio::Machine;

use super::Dtls;
use crate::net::{Socket, source_for};
use crate::random::Random;
use crate::servers::in_turns;
use crate::stream::error::{ConnectError, of_verification};
use crate::stream::{CHUNK, Target, Trust};

/// Connects to a server of this name: from `socket`, or from one that is bound for it.
pub(in crate::stream) async fn connect(
    target: &Target,
    name: &str,
    socket: Option<Socket>,
) -> Result<Dtls, ConnectError> {
    let server_name = ServerName::try_from(name.to_owned());
    let server_name = server_name.map_err(|_| ConnectError::ServerName(name.into()))?;
    let trust = match &target.trust {
        Some(trust) => trust.clone(),
        None => Trust::of_the_system().await.map_err(ConnectError::Trust)?,
    };
    let found = target.addresses().await?;
    let address = in_turns(&found).first().map(|ip| SocketAddr::new(*ip, target.port));
    let none = || ConnectError::ServerAddress(io::ErrorKind::NotFound.into());
    let address = address.ok_or_else(none)?;
    let socket = match socket {
        Some(socket) => socket,
        None => bind(target, address).map_err(ConnectError::Connect)?,
    };
    let mut dtls = Dtls::new(socket, address, client(target, &server_name)?);
    let mut chunk = vec![0; CHUNK];
    loop {
        match dtls.connection.get().poll_event() {
            None => {
                let turn = poll_fn(|cx| dtls.poll_turn(cx, &mut chunk)).await;
                turn.map_err(ConnectError::Connect)?;
            }
            Some(Event::CertificatePresented) => judge(&mut dtls, &trust, &server_name).await?,
            Some(Event::Connected { .. }) => {
                // Our last flight goes before what it allows.
                dtls.say_all().await;
                return Ok(dtls);
            }
            Some(Event::Closed(reason)) => return Err(ConnectError::Dtls(reason)),
        }
    }
}

fn bind(target: &Target, server: SocketAddr) -> io::Result<Socket> {
    let ip = source_for(target.near, server)?;
    Socket::bind(SocketAddr::new(ip, 0))
}

/// A client that has nothing to show, and whose first flight fits into a datagram: some servers take
/// no more from those that they have sent no cookie yet. So the large group of post-quantum
/// cryptography is offered without a share. (What is relayed has a handshake of its own.)
fn client(target: &Target, name: &ServerName<'_>) -> Result<Connection, ConnectError> {
    let failed = |error| ConnectError::Tls(io::Error::other(error));
    // It is never shown.
    let unused = Certificate::generate().map_err(|error| failed(error.to_string()))?;
    let config = Config {
        server_authentication: ServerAuthentication::Caller,
        client_authentication: ClientAuthentication::NotRequested,
        // RFC 6066 §3: an address is no name.
        server_name: match name {
            ServerName::DnsName(name) => Some(name.as_ref().trim_end_matches('.').into()),
            _ => None,
        },
        groups: Arc::new([
            NamedGroup::X25519,
            NamedGroup::P256,
            NamedGroup::P384,
            NamedGroup::X25519_MLKEM768,
        ]),
        srtp_profiles: Arc::new([]),
        handshake_timeout: target.patience,
        ..Config::new(Arc::new(unused))
    };
    let rng = Random::from_system().map_err(|error| failed(error.to_string()))?;
    let now = sansio::Instant::ZERO;
    Connection::new(now, &config, Role::Client, Vec::new(), Box::new(rng))
        .map_err(|error| failed(error.to_string()))
}

/// Asks whether the server is the one that was meant. A system may ask others about it, and takes
/// its time then.
async fn judge(
    dtls: &mut Dtls,
    trust: &Trust,
    server_name: &ServerName<'static>,
) -> Result<(), ConnectError> {
    let presented = dtls.connection.get().presented_certificates();
    let chain: Vec<_> = presented.map(|one| CertificateDer::from(one.to_vec())).collect();
    let (trust, server_name) = (trust.clone(), server_name.clone());
    let judged = tokio::task::spawn_blocking(move || trust.judge(&chain, &server_name)).await;
    let judged = judged.unwrap_or_else(|error| Err(rustls::Error::General(error.to_string())));
    let Err(error) = judged else {
        let now = dtls.clock.now();
        dtls.connection.get().accept_certificate(now);
        return Ok(());
    };
    let description = match &error {
        rustls::Error::InvalidCertificate(error) => AlertDescription::from(error.clone()),
        _ => AlertDescription::CertificateUnknown,
    };
    dtls.connection.get().refuse_certificate(Alert(description.into()));
    dtls.say_all().await;
    Err(of_verification(error))
}
