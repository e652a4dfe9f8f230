//! What the command line can say.

use std::net::{IpAddr, SocketAddr};

use clap::{Parser, Subcommand};

use crate::reach::Reach;

/// A WebRTC echo: serves a page, and sends back whatever arrives: messages, sound, pictures.
///
/// Open the printed address in a browser, or let the program talk to itself from a second terminal:
/// `echo call http://127.0.0.1:8080`.
#[derive(Clone, Debug, Parser)]
#[command(name = "echo", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    /// Where the page and the signalling are served
    ///
    /// 0.0.0.0:8080 lets other machines in.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,

    /// The UDP address that all peers share
    ///
    /// `[::]` is all of IPv6 and IPv4. Port 0 takes any free port: behind a firewall, name one here
    /// and open it.
    #[arg(long, value_name = "ADDRESS", default_value = "[::]:0")]
    pub(crate) udp: SocketAddr,

    /// An address under which this machine is reached from outside; may be repeated
    ///
    /// For a server behind a one-to-one NAT, as clouds have it: peers are told this address, with the
    /// port of --udp, instead of the machine's own ones of that family.
    #[arg(long, value_name = "IP")]
    pub(crate) public_ip: Vec<IpAddr>,

    /// A TCP address at which peers may connect, too
    ///
    /// For peers whose network lets no UDP out, without a relay.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) tcp: Option<SocketAddr>,

    #[command(flatten)]
    pub(crate) reach: Reach,

    /// Tell peers names in place of this machine's addresses
    ///
    /// As browsers do: who is on the same network asks for the address behind a name by multicast
    /// DNS. Who is not needs an --ice-server to reach us.
    #[arg(long)]
    pub(crate) hide_addresses: bool,

    /// The largest message that peers may send, in bytes
    ///
    /// Each of them may make this program hold as much, since a message is whole before it returns.
    #[arg(long, value_name = "BYTES", default_value_t = 256 * 1024)]
    pub(crate) largest_message: usize,

    /// Serve HTTPS with a certificate made at start
    ///
    /// Browsers give cameras and microphones to localhost and HTTPS pages only. The certificate is
    /// nobody's, so the browser asks once whether to go on.
    #[arg(long)]
    pub(crate) tls: bool,

    /// Tell more on standard error: -v what happens, -vv why, -vvv every packet
    ///
    /// RUST_LOG, if set, decides instead.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    Call(Call),
}

/// Call an echo server and verify what it sends back
///
/// Works with any server that takes POST /offer with {"type":"offer","sdp":…} and echoes data
/// channel messages; with one that has POST /trickle too, as docs/echo.md says, candidates go both
/// ways as they come, so that nobody waits for a STUN or TURN server that stays silent. Sends 1000 messages, text and binary, from nothing to 256 KiB (or the largest
/// that the server takes), and checks order and content of what returns. Then, if the server takes
/// sound and pictures, five seconds of packets that look like Opus and VP8, and counts those that
/// return. Exits with 0 if all messages came back unchanged and 90 % of the packets did, otherwise
/// with 1.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Call {
    /// The server, such as http://127.0.0.1:8080
    #[arg(value_name = "URL")]
    pub(crate) url: String,

    /// Accept any HTTPS certificate, as for a server started with --tls
    #[arg(long)]
    pub(crate) insecure: bool,

    /// Send no sound and no pictures: data channels only
    #[arg(long)]
    pub(crate) no_media: bool,

    /// Connect over TCP too, where the server has an address for that
    #[arg(long)]
    pub(crate) tcp: bool,

    #[command(flatten)]
    pub(crate) reach: Reach,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use patchcord::IceServer;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn defaults_stay_on_this_machine() {
        let args = Args::parse_from(["echo"]);
        assert!(args.listen.ip().is_loopback());
        assert_eq!(args.listen.port(), 8080);
        assert_eq!(args.udp.port(), 0);
        assert!(
            !args.tls
                && args.public_ip.is_empty()
                && args.reach.ice_server.is_empty()
                && args.command.is_none()
        );
    }

    #[test]
    fn public_addresses_may_be_repeated() {
        let args =
            Args::parse_from(["echo", "--public-ip", "192.0.2.1", "--public-ip", "2001:db8::1"]);
        assert_eq!(args.public_ip.len(), 2);
    }

    #[test]
    fn servers_bring_their_credentials() {
        let given = ["--ice-server", "stun:a", "--ice-server", "turn:b?transport=tcp,me,pass,word"];
        let args = Args::parse_from([["echo"].as_slice(), &given].concat());
        let expected =
            [IceServer::stun("stun:a"), IceServer::turn("turn:b?transport=tcp", "me", "pass,word")];
        assert_eq!(args.reach.ice_server, expected);
        for wrong in ["a:3478", "turn:b", "turn:b,me"] {
            let refused = Args::try_parse_from(["echo", "--ice-server", wrong]);
            assert!(refused.is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_call_may_have_to_take_a_roundabout_way() {
        let given = ["echo", "call", "http://localhost", "--relay-only", "--tcp"];
        let by_way = ["--ice-server", "turn:a,me,pass", "--proxy", "socks5://localhost"];
        let args = Args::parse_from([given.as_slice(), &by_way].concat());
        let Some(Command::Call(call)) = args.command else { panic!("no call") };
        assert!(call.tcp && call.reach.relay_only && call.reach.proxy.is_some());
        assert_eq!(call.reach.ice_server.len(), 1);
    }

    #[test]
    fn call_takes_an_address_and_nothing_of_the_server() {
        let args = Args::parse_from(["echo", "call", "https://localhost:1", "--insecure", "-vv"]);
        let Some(Command::Call(call)) = args.command else { panic!("no call") };
        assert_eq!(
            (call.url.as_str(), call.insecure, call.no_media, args.verbose),
            ("https://localhost:1", true, false, 2)
        );
        assert!(Args::try_parse_from(["echo", "--tls", "call", "http://localhost"]).is_err());
    }

    #[test]
    fn every_flag_has_a_long_explanation() {
        let command = Args::command();
        for arg in command.get_arguments().filter(|arg| arg.get_id() != "help") {
            assert!(arg.get_help().is_some(), "{} is not explained", arg.get_id());
        }
    }
}
