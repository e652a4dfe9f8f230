//! What carries a client's datagrams: a UDP socket, with DTLS or without, or a stream that is cut
//! into frames.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream, UdpSocket},
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use sansio::Transport;
use stun::stream::Deframer;

use super::records::Records;

/// How long a read waits.
const PATIENCE: Duration = Duration::from_millis(5);

pub(crate) enum Wire {
    Datagrams(UdpSocket),
    Records(Records),
    Stream { io: Box<dyn Stream>, deframer: Deframer },
}

pub(crate) trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

impl Wire {
    /// Connects; returns our address as well.
    pub(crate) fn connect(
        transport: Transport,
        server: SocketAddr,
        certificate: &Path,
    ) -> anyhow::Result<(Self, SocketAddr)> {
        if !transport.is_stream() {
            let socket = UdpSocket::bind(("127.0.0.1", 0))?;
            socket.connect(server)?;
            socket.set_read_timeout(Some(PATIENCE))?;
            let local = socket.local_addr()?;
            let wire = match transport {
                Transport::Dtls => Self::Records(Records::connect(socket, certificate)?),
                _ => Self::Datagrams(socket),
            };
            return Ok((wire, local));
        }
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        let local = stream.local_addr()?;
        let deframer = Deframer::new(1 << 16);
        let io: Box<dyn Stream> = if transport == Transport::Tcp {
            stream.set_read_timeout(Some(PATIENCE))?;
            Box::new(stream)
        } else {
            let mut stream = StreamOwned::new(tls(certificate)?, stream);
            // The whole handshake, before reads are cut short.
            stream.conn.complete_io(&mut stream.sock).context("the handshake of TLS")?;
            stream.sock.set_read_timeout(Some(PATIENCE))?;
            Box::new(stream)
        };
        Ok((Self::Stream { io, deframer }, local))
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            // A server that is not up yet refuses: that is a datagram lost.
            Self::Datagrams(socket) => match socket.send(bytes) {
                Err(error) if error.kind() != ErrorKind::ConnectionRefused => Err(error),
                _ => Ok(()),
            },
            Self::Records(records) => records.send(bytes),
            Self::Stream { io, .. } => io.write_all(bytes).and_then(|()| io.flush()),
        }
    }

    /// The stream, with the bytes that have come already.
    pub(super) fn into_stream(self) -> anyhow::Result<(Box<dyn Stream>, Vec<u8>)> {
        match self {
            Self::Datagrams(_) | Self::Records(_) => anyhow::bail!("no stream"),
            Self::Stream { io, deframer } => Ok((io, deframer.into_rest())),
        }
    }

    /// What has come meanwhile.
    pub(crate) fn receive(&mut self) -> anyhow::Result<Vec<Vec<u8>>> {
        let mut buffer = vec![0; 1 << 16];
        let kinds = [ErrorKind::WouldBlock, ErrorKind::TimedOut, ErrorKind::ConnectionRefused];
        let nothing = |error: &io::Error| kinds.contains(&error.kind());
        let read = match self {
            Self::Datagrams(socket) => socket.recv(&mut buffer),
            Self::Records(records) => return records.receive(),
            Self::Stream { io, .. } => io.read(&mut buffer),
        };
        let count = match read {
            Err(error) if nothing(&error) => return Ok(Vec::new()),
            read => read?,
        };
        buffer.truncate(count);
        let Self::Stream { deframer, .. } = self else { return Ok(vec![buffer]) };
        anyhow::ensure!(count > 0, "the server has closed the connection");
        deframer.push(&buffer);
        let mut frames = Vec::new();
        while let Some(frame) = deframer.next_frame()? {
            frames.push(frame.to_vec());
        }
        Ok(frames)
    }
}

fn tls(certificate: &Path) -> anyhow::Result<ClientConnection> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate)?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(ClientConnection::new(Arc::new(config), ServerName::try_from("localhost")?)?)
}
