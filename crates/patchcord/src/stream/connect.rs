//! TCP, through a proxy or not, then TLS or not; or DTLS.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::io;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;

use super::error::{ConnectError, of_tls};
use super::wire::Wire;
use super::{
    DatagramStream, Framing, Proxy, ProxyProtocol, Trust, dtls, http_connect, race, socks5,
};
use crate::net::Socket;
use crate::servers::{Host, Resolver, in_turns};

/// What carries datagrams to a server and back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// TCP.
    Tcp,
    /// TLS over TCP. The server's certificate must be for this name or address.
    Tls(Box<str>),
    /// DTLS 1.2 or 1.3 over UDP, likewise. No proxy is asked.
    Dtls(Box<str>),
}

/// Whom to connect to, and how.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Target {
    /// The server: its address, or its name, which is looked up here, or if there is a proxy, by that
    /// alone: networks that have one often know no names of the outside.
    pub host: Host,
    /// Its port.
    pub port: u16,
    /// What carries the datagrams. Default: [`Carrier::Tcp`].
    pub carrier: Carrier,
    /// Whom TLS and DTLS trust. Default: whom the system trusts.
    pub trust: Option<Trust>,
    /// A proxy that makes TCP connections for us. Default: none.
    pub proxy: Option<Arc<Proxy>>,
    /// What finds addresses of names. Default: the system's resolver.
    pub resolver: Resolver,
    /// Which of our addresses to connect from. Default: the system's choice.
    pub near: Option<IpAddr>,
    /// How datagrams lie in the stream. Default: [`Framing::Turn`].
    pub framing: Framing,
    /// How long all of it may take. Default: 10 s, three attempts of TCP (at 0, 1 and 3 s).
    pub patience: Duration,
}

impl Target {
    /// Plain TCP to a TURN server.
    pub fn new(address: SocketAddr) -> Self {
        Self::named(Host::Ip(address.ip()), address.port())
    }

    /// Plain TCP to a TURN server that has a name. Of its addresses, four of each family at most, the
    /// one that answers first is taken (RFC 8305).
    pub fn named(host: Host, port: u16) -> Self {
        Self {
            host,
            port,
            carrier: Carrier::Tcp,
            trust: None,
            proxy: None,
            resolver: Resolver::default(),
            near: None,
            framing: Framing::default(),
            patience: Duration::from_secs(10),
        }
    }

    /// TLS to a server of this name.
    #[must_use]
    pub fn over_tls(mut self, server_name: impl Into<Box<str>>) -> Self {
        self.carrier = Carrier::Tls(server_name.into());
        self
    }

    /// DTLS to a server of this name.
    #[must_use]
    pub fn over_dtls(mut self, server_name: impl Into<Box<str>>) -> Self {
        self.carrier = Carrier::Dtls(server_name.into());
        self
    }

    /// Through a proxy.
    #[must_use]
    pub fn through(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(Arc::new(proxy));
        self
    }

    pub(super) async fn addresses(&self) -> Result<Vec<IpAddr>, ConnectError> {
        self.resolver.resolve(&self.host).await.map_err(ConnectError::ServerAddress)
    }
}

/// Makes a connection.
///
/// # Errors
///
/// It was not possible, or not in time; the proxy refuses; or the server's certificate is not one
/// that is trusted for its name.
pub async fn connect(target: &Target) -> Result<DatagramStream, ConnectError> {
    connect_from(target, None).await
}

/// The same, over DTLS from this socket.
pub(crate) async fn connect_from(
    target: &Target,
    socket: Option<Socket>,
) -> Result<DatagramStream, ConnectError> {
    let attempt = async {
        let wire = match &target.carrier {
            Carrier::Tcp => Wire::Tcp(stream(target).await?),
            Carrier::Tls(name) => secure(target, name, stream(target).await?).await?,
            Carrier::Dtls(name) => {
                return Ok(DatagramStream::sealed(dtls::connect(target, name, socket).await?));
            }
        };
        DatagramStream::framed(wire, target.framing).map_err(ConnectError::Connect)
    };
    let made = tokio::time::timeout(target.patience, attempt).await;
    made.unwrap_or(Err(ConnectError::TimedOut(target.patience)))
}

async fn stream(target: &Target) -> Result<TcpStream, ConnectError> {
    match &target.proxy {
        None => tcp_to_any(target.near, &target.addresses().await?, target.port).await,
        Some(proxy) => tunnel(target, proxy).await,
    }
}

async fn tcp_to_any(
    near: Option<IpAddr>,
    found: &[IpAddr],
    port: u16,
) -> Result<TcpStream, ConnectError> {
    let addresses = in_turns(found).into_iter().map(|ip| SocketAddr::new(ip, port));
    let made = race::first(addresses, |address| tcp(near, address)).await;
    made.map_err(ConnectError::Connect)
}

async fn tcp(near: Option<IpAddr>, address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if let Some(near) = near.filter(|near| near.is_ipv4() == address.is_ipv4()) {
        socket.bind(SocketAddr::new(near, 0))?;
    }
    let stream = socket.connect(address).await?;
    // A datagram waits for nothing.
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Has the proxy connect us.
async fn tunnel(target: &Target, proxy: &Proxy) -> Result<TcpStream, ConnectError> {
    let host = match proxy.host.parse() {
        Ok(ip) => Host::Ip(ip),
        Err(_) => Host::Name(proxy.host.clone()),
    };
    let found = target.resolver.resolve(&host).await.map_err(ConnectError::ProxyAddress)?;
    let mut stream = tcp_to_any(None, &found, proxy.port).await?;
    let server = (&target.host, target.port);
    let credentials = proxy.credentials.as_ref().map(|(name, word)| (&**name, &**word));
    match proxy.protocol {
        ProxyProtocol::Http => http_connect::tunnel(&mut stream, server, credentials).await?,
        ProxyProtocol::Socks5 => socks5::tunnel(&mut stream, server, credentials).await?,
    }
    Ok(stream)
}

async fn secure(target: &Target, name: &str, tcp: TcpStream) -> Result<Wire, ConnectError> {
    let server_name = ServerName::try_from(name.to_owned());
    let server_name = server_name.map_err(|_| ConnectError::ServerName(name.into()))?;
    let trust = match &target.trust {
        Some(trust) => trust.clone(),
        None => Trust::of_the_system().await.map_err(ConnectError::Trust)?,
    };
    let stream = TlsConnector::from(trust.tls()).connect(server_name, tcp).await.map_err(of_tls)?;
    Ok(Wire::Tls(Box::new(stream)))
}
