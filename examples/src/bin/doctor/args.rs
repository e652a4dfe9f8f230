//! What the command line can say.

use std::{env, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use clap::Parser;
use patchcord::{
    IceServer, Transport,
    servers::{Host, Kind, Url},
    stream::Proxy,
};

/// The password, where everybody who may list processes does not see it.
const PASSWORD: &str = "TURN_PASSWORD";
const USERNAME: &str = "TURN_USERNAME";
const PROXY: &str = "TURN_PROXY";

/// Tells what a network does to calls: addresses, NAT, relays, packet sizes, and a verdict.
///
/// `doctor --stun stun:stun.example.org --turn turn:turn.example.org --turn-user alice` with the
/// password in the environment variable TURN_PASSWORD. Exits with 0 if calls will work, with 1 if
/// they will not or not with everybody, with 3 if that cannot be said because no server was named.
#[derive(Clone, Debug, Parser)]
#[command(name = "doctor", version)]
pub(crate) struct Args {
    /// A STUN server, such as stun:stun.example.org; may be repeated
    ///
    /// One that knows RFC 5780 tells most. Of ordinary ones it takes two to see how a NAT maps.
    #[arg(long, value_name = "URL")]
    stun: Vec<String>,

    /// A TURN server, such as turn:turn.example.org or turns:turn.example.org; may be repeated
    ///
    /// Without ?transport=, one of turn: is tried over UDP and over TCP.
    #[arg(long, value_name = "URL")]
    turn: Vec<String>,

    /// The name on the TURN servers [default: the environment variable TURN_USERNAME]
    #[arg(long, value_name = "NAME")]
    turn_user: Option<String>,

    /// The password on the TURN servers [default: the environment variable TURN_PASSWORD]
    ///
    /// Others on this machine may see it here.
    #[arg(long, value_name = "PASSWORD")]
    turn_password: Option<String>,

    /// Certificates that TLS and DTLS trust instead of the system's, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,

    /// A proxy for TURN over TCP and TLS, such as http://proxy:3128 or socks5://proxy:1080
    /// [default: the environment variable TURN_PROXY]
    ///
    /// With a name and a password it is better kept in the variable: http://NAME:PASSWORD@proxy:3128.
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,

    /// Also find out for how long a NAT keeps a mapping, waiting up to so many seconds
    ///
    /// Needs a STUN server with RFC 5780.
    #[arg(long, value_name = "SECONDS")]
    lifetime: Option<u64>,

    /// Have an end after so many seconds, whatever is unfinished then
    #[arg(long, value_name = "SECONDS", default_value_t = 14)]
    timeout: u64,

    /// Print JSON for programs; docs/doctor.md says what the fields mean
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is to be looked at.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) servers: Vec<Server>,
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) proxy: Option<Arc<Proxy>>,
    /// How long all may take, `lifetime` aside.
    pub(crate) timeout: Duration,
    /// How long to look at mappings at most, if at all.
    pub(crate) lifetime: Option<Duration>,
}

impl Plan {
    /// Whether only the proxy knows where a server is.
    pub(crate) fn goes_by_proxy(&self, server: &Server) -> bool {
        let named = matches!(server.url.host, Host::Name(_));
        self.proxy.is_some() && named && server.url.transport != Transport::Udp
    }
}

/// A server, as it was named.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) text: String,
    pub(crate) url: Url,
}

impl Args {
    pub(crate) fn plan(&self) -> anyhow::Result<Plan> {
        let variable = |name| env::var(name).unwrap_or_default();
        let username = self.turn_user.clone().unwrap_or_else(|| variable(USERNAME));
        let password = self.turn_password.clone().unwrap_or_else(|| variable(PASSWORD));
        let mut servers = Vec::new();
        for text in &self.stun {
            let server = Server::named(text)?;
            ensure!(server.url.kind == Kind::Stun, "--stun {text}: that is a TURN server");
            servers.push(server);
        }
        for text in &self.turn {
            let server = Server::named(text)?;
            ensure!(server.url.kind == Kind::Turn, "--turn {text}: that is a STUN server");
            IceServer::turn(text, &username, &password)
                .check()
                .context("--turn-user and TURN_PASSWORD")?;
            servers.extend(server.variants());
        }
        let proxy = self.proxy.clone().unwrap_or_else(|| variable(PROXY));
        let proxy: Option<Proxy> = match &*proxy {
            "" => None,
            // It may hold a password, so it is not repeated.
            url => Some(url.parse().context("--proxy")?),
        };
        let proxy = proxy.map(Arc::new);
        let seconds = |seconds: u64| Duration::from_secs(seconds.clamp(1, 3600));
        let (timeout, lifetime) = (seconds(self.timeout), self.lifetime.map(seconds));
        Ok(Plan { servers, username, password, proxy, timeout, lifetime })
    }
}

impl Server {
    fn named(text: &str) -> anyhow::Result<Self> {
        let url = text.parse().with_context(|| format!("{text} is no URL of a server"))?;
        Ok(Self { text: text.to_owned(), url })
    }

    /// `turn:` without a transport is a server that as a rule takes both.
    fn variants(self) -> Vec<Self> {
        let open = self.url.transport == Transport::Udp && !self.text.contains('?');
        let also = Self::named(&format!("{}?transport=tcp", self.text)).ok().filter(|_| open);
        [Some(self), also].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn plan(words: &[&str]) -> anyhow::Result<Plan> {
        Args::try_parse_from([&["doctor"], words].concat())?.plan()
    }

    const ALICE: [&str; 4] = ["--turn-user", "alice", "--turn-password", "wonderland"];

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_turn_server_is_tried_over_udp_and_tcp_unless_it_says() {
        let texts = |words: &[&str]| {
            let plan = plan(&[words, &ALICE].concat()).unwrap();
            plan.servers.into_iter().map(|server| server.text).collect::<Vec<_>>()
        };
        assert_eq!(texts(&["--turn", "turn:a:1"]), ["turn:a:1", "turn:a:1?transport=tcp"]);
        for one in ["turn:a?transport=udp", "turn:a?transport=tcp", "turns:a"] {
            assert_eq!(texts(&["--turn", one, "--stun", "stun:b"]), ["stun:b", one]);
        }
    }

    #[test]
    fn slips_are_told() {
        for words in [["--stun", "turn:a"], ["--turn", "stun:a"], ["--stun", "example.org"]] {
            assert!(plan(&[&words[..], &ALICE].concat()).is_err(), "{words:?}");
        }
        let error = plan(&["--turn", "turn:a", "--turn-user", "", "--turn-password", "x"]);
        assert!(format!("{:#}", error.unwrap_err()).contains("user name"));
    }
}
