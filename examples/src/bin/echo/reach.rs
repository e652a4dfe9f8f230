//! How the two sides reach each other where that is not plain: flags of the server and of the call.

use patchcord::{
    CandidatePolicy, Config, EndpointConfig, IceServer, IceServerError, stream::Proxy,
};

/// How peers are reached
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Reach {
    /// A STUN or TURN server, such as stun:stun.example.org; may be repeated
    ///
    /// For peers on other networks, when this machine is behind a NAT. STUN servers tell how it looks
    /// from outside. TURN servers relay, and want a name and a password:
    /// turns:turn.example.org:443,NAME,PASSWORD
    #[arg(long, value_name = "URL[,NAME,PASSWORD]", value_parser = ice_server)]
    pub(crate) ice_server: Vec<IceServer>,

    /// Reach peers by way of TURN servers only
    ///
    /// They learn no address of this machine, and nothing of theirs is tried directly.
    #[arg(long)]
    pub(crate) relay_only: bool,

    /// A proxy on the way to TURN servers over TCP and TLS
    ///
    /// `http://HOST:PORT`, or `http://NAME:PASSWORD@HOST:PORT`, or `socks5://…`
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<Proxy>,
}

impl Reach {
    /// What the endpoint is told.
    pub(crate) fn endpoint(&self) -> EndpointConfig {
        EndpointConfig {
            ice_servers: self.ice_server.clone(),
            proxy: self.proxy.clone(),
            ..EndpointConfig::default()
        }
    }

    /// What each connection is told.
    pub(crate) fn connection(&self) -> Config {
        let mut config = Config::default();
        if self.relay_only {
            config.ice_transport_policy = CandidatePolicy::Relay;
        }
        config
    }
}

/// `URL`, or `URL,NAME,PASSWORD`. A password may have commas.
fn ice_server(text: &str) -> Result<IceServer, IceServerError> {
    let mut parts = text.splitn(3, ',');
    let mut next = || parts.next().unwrap_or_default();
    let server = IceServer::turn(next(), next(), next());
    server.check()?;
    Ok(server)
}
