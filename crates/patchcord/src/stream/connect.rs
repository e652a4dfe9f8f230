//! TCP, through a proxy or not, then TLS or not.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::io;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;

use super::error::{ConnectError, of_tls};
use super::wire::Wire;
use super::{DatagramStream, Framing, Proxy, ProxyProtocol, http_connect, race, socks5, tls};
use crate::servers::{Host, Resolver, in_turns};

/// Whom to connect to, and how.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Target {
    /// The server: its address, or its name, which is looked up here, or if there is a proxy, by that
    /// alone: networks that have one often know no names of the outside.
    pub host: Host,
    /// Its port.
    pub port: u16,
    /// Over TLS: the name or the address that its certificate must be for. Default: none, plain TCP.
    pub server_name: Option<Box<str>>,
    /// Whom TLS trusts. Default: whom the system trusts.
    pub tls: Option<Arc<ClientConfig>>,
    /// A proxy that makes the connection for us. Default: none.
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
            server_name: None,
            tls: None,
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
        self.server_name = Some(server_name.into());
        self
    }

    /// Through a proxy.
    #[must_use]
    pub fn through(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(Arc::new(proxy));
        self
    }
}

/// Makes a connection.
///
/// # Errors
///
/// It was not possible, or not in time; the proxy refuses; or the server's certificate is not one
/// that is trusted for its name.
pub async fn connect(target: &Target) -> Result<DatagramStream, ConnectError> {
    let attempt = async {
        let tcp = match &target.proxy {
            None => {
                let found = target.resolver.resolve(&target.host).await;
                let found = found.map_err(ConnectError::ServerAddress)?;
                tcp_to_any(target.near, &found, target.port).await?
            }
            Some(proxy) => tunnel(target, proxy).await?,
        };
        let wire = match &target.server_name {
            None => Wire::Tcp(tcp),
            Some(name) => secure(target, name, tcp).await?,
        };
        DatagramStream::new(wire, target.framing).map_err(ConnectError::Connect)
    };
    let made = tokio::time::timeout(target.patience, attempt).await;
    made.unwrap_or(Err(ConnectError::TimedOut(target.patience)))
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
    let config = match &target.tls {
        Some(config) => Arc::clone(config),
        None => tls::of_the_system().await.map_err(ConnectError::Trust)?,
    };
    let stream = TlsConnector::from(config).connect(server_name, tcp).await.map_err(of_tls)?;
    Ok(Wire::Tls(Box::new(stream)))
}
