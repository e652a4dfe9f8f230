//! What stands between a home and the world.

use std::fmt;

/// What a router does with UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Router {
    /// Nothing: the home has public addresses.
    Open,
    /// Mapping: endpoint-independent; filtering: address and port-dependent (RFC 4787). Most homes
    /// have this.
    Cone,
    /// Mapping and filtering: address and port-dependent, the ports at random.
    Symmetric,
    /// As [`Cone`](Self::Cone); and who sends to the public address from inside is sent back in.
    Hairpin,
    /// A NAT that lets nothing but TCP out.
    TcpOnly,
}

/// What a router has to know of the home behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Home {
    /// Its only host.
    pub(super) host: &'static str,
    /// Of the router.
    pub(super) public: &'static str,
}

impl Router {
    /// For `nft -f`: replaces all that was there.
    pub(super) fn rules(self, home: Home) -> String {
        let masquerade = match self {
            Self::Open => return "flush ruleset\n".into(),
            Self::Cone | Self::Hairpin | Self::TcpOnly => "masquerade",
            Self::Symmetric => "masquerade random,fully-random",
        };
        let udp = if self == Self::TcpOnly { "meta l4proto udp drop" } else { "" };
        let Home { host, public } = home;
        let (back, as_public) = match self {
            Self::Hairpin => (
                format!("iifname \"lan\" ip daddr {public} meta l4proto udp dnat to {host}"),
                format!("oifname \"lan\" ip saddr {host} snat to {public}"),
            ),
            _ => Default::default(),
        };
        // What nobody asked for is dropped on its way in, not refused: a refusal would be remembered
        // as a connection, and take the port from the home's own that comes a moment later.
        format!(
            r#"flush ruleset
table ip nat {{
 chain prerouting {{
  type nat hook prerouting priority -100
  {back}
 }}
 chain postrouting {{
  type nat hook postrouting priority 100
  oifname "wan" {masquerade}
  {as_public}
 }}
}}
table ip filter {{
 chain input {{
  type filter hook input priority 0; policy drop
  iifname "lan" accept
  ct state established,related accept
 }}
 chain forward {{
  type filter hook forward priority 0; policy drop
  {udp}
  iifname {{ "lan", "nat64" }} accept
  ct state established,related accept
 }}
}}
table ip6 filter {{
 chain forward {{
  type filter hook forward priority 0; policy drop
  {udp}
  iifname {{ "lan", "nat64" }} accept
  ct state established,related accept
 }}
}}
"#
        )
    }
}

impl fmt::Display for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Cone => "cone",
            Self::Symmetric => "symmetric",
            Self::Hairpin => "hairpin",
            Self::TcpOnly => "tcp only",
        })
    }
}
