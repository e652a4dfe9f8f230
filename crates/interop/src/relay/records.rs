//! DTLS on a UDP socket, as a client that knows its server's certificate and has none itself.

use std::{
    io::{self, ErrorKind},
    net::UdpSocket,
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::{bail, ensure};
use dtls::{
    Alert, Certificate, ClientAuthentication, Config, Connection, Event, Role, ServerAuthentication,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use sansio::{Clock, Machine};
use testkit::SeededRng;

/// How long the handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Records {
    socket: UdpSocket,
    connection: Box<Connection>,
    clock: Clock,
}

impl Records {
    /// The whole handshake, with whoever has this certificate.
    pub(super) fn connect(socket: UdpSocket, certificate: &Path) -> anyhow::Result<Self> {
        let known = CertificateDer::from_pem_file(certificate)?;
        let config = Config {
            server_authentication: ServerAuthentication::Caller,
            client_authentication: ClientAuthentication::NotRequested,
            server_name: Some("localhost".into()),
            ..Config::new(Arc::new(Certificate::generate()?))
        };
        let clock = Clock::start();
        let rng = SeededRng::boxed(u64::from(socket.local_addr()?.port()));
        let connection = Connection::new(clock.now(), &config, Role::Client, Vec::new(), rng)?;
        let mut records = Self { socket, connection: Box::new(connection), clock };
        let end = clock.now() + PATIENCE;
        loop {
            match records.connection.poll_event() {
                Some(Event::Connected { .. }) => return Ok(records),
                Some(Event::Closed(reason)) => bail!("the handshake of DTLS: {reason}"),
                Some(Event::CertificatePresented) => {
                    let first = records.connection.presented_certificates().next();
                    if first == Some(&*known) {
                        records.connection.accept_certificate(clock.now());
                    } else {
                        records.connection.refuse_certificate(Alert::BAD_CERTIFICATE);
                    }
                }
                None => _ = records.receive()?,
            }
            ensure!(clock.now() < end, "no handshake of DTLS within {PATIENCE:?}");
        }
    }

    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut record = vec![0; self.connection.head_room()];
        record.extend_from_slice(bytes);
        self.connection.seal(&mut record, 0).map_err(io::Error::other)?;
        self.put(&record)
    }

    /// What has come meanwhile.
    pub(super) fn receive(&mut self) -> anyhow::Result<Vec<Vec<u8>>> {
        self.connection.handle_timeout(self.clock.now());
        self.say()?;
        let (mut buffer, mut all) = (vec![0; 1 << 16], Vec::new());
        let kinds = [ErrorKind::WouldBlock, ErrorKind::TimedOut, ErrorKind::ConnectionRefused];
        let count = match self.socket.recv(&mut buffer) {
            Err(error) if kinds.contains(&error.kind()) => return Ok(all),
            read => read?,
        };
        let mut rest = &mut buffer[..count];
        while !rest.is_empty() {
            if let Ok(Some(data)) = self.connection.open(self.clock.now(), &mut rest) {
                all.push(data.to_vec());
            }
        }
        Ok(all)
    }

    /// Sends what the connection itself has to say.
    fn say(&mut self) -> io::Result<()> {
        let mut said = Vec::new();
        while self.connection.poll_transmit(self.clock.now(), &mut said).is_some() {
            self.put(&said)?;
            said.clear();
        }
        Ok(())
    }

    /// A server that is not up yet refuses: that is a datagram lost.
    fn put(&self, bytes: &[u8]) -> io::Result<()> {
        match self.socket.send(bytes) {
            Err(error) if error.kind() != ErrorKind::ConnectionRefused => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for Records {
    fn drop(&mut self) {
        self.connection.close(self.clock.now());
        let _ = self.say();
    }
}
