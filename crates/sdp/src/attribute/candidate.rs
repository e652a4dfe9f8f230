//! `a=candidate`: an address where the other side may be reached. RFC 8839 §5.1, RFC 6544 §4.5.
//!
//! ```text
//! candidate:3478210123 1 udp 2122194687 192.0.2.2 46715 typ host generation 0 network-id 1
//!           foundation | |   priority   address   port      kind extensions
//!                      | transport
//!                      component
//! ```

use core::fmt;
use core::net::{IpAddr, SocketAddr};

use crate::error::Reason;
use crate::fields::{Fields, PORTS, U32};
use crate::own::{IntoOwned, into_owned, owned};
use crate::text::{Text, Token};

/// An ICE candidate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Candidate<'a> {
    /// Equal for candidates whose connectivity is likely to be equal (RFC 8445 §5.1.1.3).
    pub foundation: Token<'a>,
    /// 1 for RTP and data, 2 for RTCP that is not multiplexed; up to 256.
    pub component: u16,
    /// `udp` or `tcp`, in upper or lower case; see [`Candidate::transport`].
    pub transport: Token<'a>,
    /// The larger, the sooner it is tried (RFC 8445 §5.1.2).
    pub priority: u32,
    /// Where it is.
    pub address: CandidateAddress<'a>,
    /// Its port; 9 for an active TCP candidate, which has none (RFC 6544 §4.5).
    pub port: u16,
    /// How it was found.
    pub kind: CandidateKind<'a>,
    /// The address it was found from: the base of a reflexive one, the mapped address of a relay.
    pub related: Option<RelatedAddress<'a>>,
    /// Who opens the connection, for TCP.
    pub tcp_type: Option<TcpType>,
    /// What follows, names and values by turns: `generation 0 network-id 1`.
    pub extensions: Text<'a>,
}

/// Where a candidate is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CandidateAddress<'a> {
    /// An address of IP.
    Ip(IpAddr),
    /// A name: one under `.local` of multicast DNS, which hides an address, or another.
    Name(Token<'a>),
}

/// The transport of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP, RFC 6544.
    Tcp,
}

/// How a candidate was found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CandidateKind<'a> {
    /// `host`: an address of an interface.
    Host,
    /// `srflx`: server reflexive, what a STUN server saw.
    ServerReflexive,
    /// `prflx`: peer reflexive, what the other side saw.
    PeerReflexive,
    /// `relay`: an address on a TURN server.
    Relayed,
    /// One that nobody has defined yet.
    Other(Token<'a>),
}

/// The address a candidate was found from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RelatedAddress<'a> {
    /// `raddr`, often hidden as `0.0.0.0`.
    pub address: CandidateAddress<'a>,
    /// `rport`, often hidden as 0 or 9.
    pub port: u16,
}

/// Who opens a TCP connection (RFC 6544 §4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TcpType {
    /// `active`: this candidate connects.
    Active,
    /// `passive`: this candidate listens.
    Passive,
    /// `so`: both connect at once.
    SimultaneousOpen,
}

into_owned!(Candidate {
    foundation,
    component,
    transport,
    priority,
    address,
    port,
    kind,
    related,
    tcp_type,
    extensions,
});
into_owned!(RelatedAddress { address, port });
owned!(TcpType);

impl<'a> Candidate<'a> {
    /// A UDP host candidate of component 1.
    pub fn host(foundation: impl Into<Token<'a>>, priority: u32, address: SocketAddr) -> Self {
        Self {
            foundation: foundation.into(),
            component: 1,
            transport: "udp".into(),
            priority,
            address: CandidateAddress::Ip(address.ip()),
            port: address.port(),
            kind: CandidateKind::Host,
            related: None,
            tcp_type: None,
            extensions: Text::default(),
        }
    }

    /// Reads a candidate as it travels alone (`RTCIceCandidate.candidate`): with `candidate:`
    /// before it, or `a=candidate:`, or nothing.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let text = text.trim_end_matches(['\r', '\n']);
        let text = text.strip_prefix("a=").unwrap_or(text);
        let text = text.strip_prefix("candidate:").unwrap_or(text);
        if text.contains(crate::fields::is_line_end) {
            return Err(Reason::ControlCharacter);
        }
        Self::parse_value(text)
    }

    pub(crate) fn parse_value(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        let foundation = fields.token("foundation")?;
        let component = fields.number("component", 1..=256)?;
        let transport = fields.token("transport")?;
        let priority = fields.number("priority", U32)?;
        let address = CandidateAddress::from(fields.word("address")?);
        let port = fields.number("port", PORTS)?;
        if fields.word("typ")? != "typ" {
            return Err(Reason::Invalid { field: "word after the port", expected: "typ" });
        }
        let kind = CandidateKind::from(fields.word("type")?);
        let related = RelatedAddress::read(&mut fields)?;
        let tcp_type = TcpType::read(&mut fields);
        let extensions = fields.rest();
        Ok(Self {
            foundation,
            component,
            transport,
            priority,
            address,
            port,
            kind,
            related,
            tcp_type,
            extensions,
        })
    }

    /// The transport, unless nobody has defined it yet.
    pub fn transport(&self) -> Option<Transport> {
        if self.transport.eq_ignore_ascii_case("udp") {
            Some(Transport::Udp)
        } else if self.transport.eq_ignore_ascii_case("tcp") {
            Some(Transport::Tcp)
        } else {
            None
        }
    }

    /// Address and port, unless the address is a name.
    pub fn socket_address(&self) -> Option<SocketAddr> {
        match self.address {
            CandidateAddress::Ip(ip) => Some(SocketAddr::new(ip, self.port)),
            CandidateAddress::Name(_) => None,
        }
    }

    /// The extensions, name and value.
    pub fn extensions(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut fields = Fields::new(&self.extensions);
        core::iter::from_fn(move || Some((fields.next()?, fields.next()?)))
    }

    /// The value of an extension: `ufrag`, `generation`, `network-cost`.
    pub fn extension(&self, name: &str) -> Option<&str> {
        self.extensions().find(|(found, _)| *found == name).map(|(_, value)| value)
    }
}

/// Writes `candidate:…`, as it travels alone.
impl fmt::Display for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { foundation, component, transport, priority, address, port, kind, .. } = self;
        write!(f, "candidate:{foundation} {component} {transport} {priority} {address} {port} ")?;
        write!(f, "typ {}", kind.as_str())?;
        if let Some(RelatedAddress { address, port }) = &self.related {
            write!(f, " raddr {address} rport {port}")?;
        }
        if let Some(tcp_type) = self.tcp_type {
            write!(f, " tcptype {}", tcp_type.as_str())?;
        }
        if !self.extensions.is_empty() {
            write!(f, " {}", self.extensions)?;
        }
        Ok(())
    }
}

impl<'a> From<&'a str> for CandidateAddress<'a> {
    fn from(text: &'a str) -> Self {
        text.parse().map_or_else(|_| Self::Name(Token::from(text)), Self::Ip)
    }
}

impl fmt::Display for CandidateAddress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

impl IntoOwned for CandidateAddress<'_> {
    type Owned = CandidateAddress<'static>;

    fn into_owned(self) -> Self::Owned {
        match self {
            Self::Ip(ip) => CandidateAddress::Ip(ip),
            Self::Name(name) => CandidateAddress::Name(name.into_owned()),
        }
    }
}

impl CandidateKind<'_> {
    /// Its name in a candidate.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Host => "host",
            Self::ServerReflexive => "srflx",
            Self::PeerReflexive => "prflx",
            Self::Relayed => "relay",
            Self::Other(name) => name,
        }
    }
}

impl<'a> From<&'a str> for CandidateKind<'a> {
    fn from(text: &'a str) -> Self {
        match text {
            "host" => Self::Host,
            "srflx" => Self::ServerReflexive,
            "prflx" => Self::PeerReflexive,
            "relay" => Self::Relayed,
            other => Self::Other(Token::from(other)),
        }
    }
}

impl IntoOwned for CandidateKind<'_> {
    type Owned = CandidateKind<'static>;

    fn into_owned(self) -> Self::Owned {
        match self {
            Self::Host => CandidateKind::Host,
            Self::ServerReflexive => CandidateKind::ServerReflexive,
            Self::PeerReflexive => CandidateKind::PeerReflexive,
            Self::Relayed => CandidateKind::Relayed,
            Self::Other(name) => CandidateKind::Other(name.into_owned()),
        }
    }
}

impl<'a> RelatedAddress<'a> {
    fn read(fields: &mut Fields<'a>) -> Result<Option<Self>, Reason> {
        if !fields.skip("raddr") {
            return Ok(None);
        }
        let address = CandidateAddress::from(fields.word("raddr")?);
        if !fields.skip("rport") {
            return Err(Reason::Missing("rport"));
        }
        Ok(Some(Self { address, port: fields.number("rport", PORTS)? }))
    }
}

impl TcpType {
    /// Its name in a candidate.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Passive => "passive",
            Self::SimultaneousOpen => "so",
        }
    }

    /// A type nobody has defined yet stays among the extensions.
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let mut ahead = *fields;
        if !ahead.skip("tcptype") {
            return None;
        }
        let word = ahead.next()?;
        let types = [Self::Active, Self::Passive, Self::SimultaneousOpen];
        let found = types.into_iter().find(|tcp_type| tcp_type.as_str() == word)?;
        *fields = ahead;
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What browsers and gateways send, and what comes of it, if not the same.
    #[test]
    fn reads_and_writes_back() {
        for text in [
            "candidate:3478210123 1 udp 2122194687 192.0.2.2 46715 typ host generation 0 network-id 1",
            "candidate:3 1 TCP 2105524479 fd00::2 9 typ host tcptype active",
            "candidate:5 1 TCP 1684013055 192.0.2.3 45664 typ srflx raddr 10.0.1.1 rport 8998 tcptype passive generation 5",
            "candidate:1 1 UDP 2122252543 8f0c-b6.local 37264 typ host ufrag abcd",
            "candidate:a0+B/4 256 udp 0 74.125.224.39 3456 typ relay generation 2",
            "candidate:1 1 sctp 1 10.0.0.1 5 typ future tcptype future odd",
        ] {
            let candidate = Candidate::parse(text).unwrap();
            assert_eq!(candidate.to_string(), text);
            assert_eq!(Candidate::parse(&format!("a={text}\r\n")).unwrap(), candidate);
            assert_eq!(Candidate::parse(&text["candidate:".len()..]).unwrap(), candidate);
            assert_eq!(candidate.clone().into_owned(), candidate);
        }
    }

    #[test]
    fn names_are_not_addresses() {
        let hidden = Candidate::parse("1 1 udp 1 8f0c.local 5 typ host ufrag x y").unwrap();
        assert_eq!(hidden.socket_address(), None);
        assert_eq!(hidden.transport(), Some(Transport::Udp));
        assert_eq!(hidden.extension("ufrag"), Some("x"));
        assert_eq!(hidden.extension("y"), None);
        let open = Candidate::host("1", 7, "[fd00::2]:5".parse().unwrap());
        assert_eq!(open.socket_address(), Some("[fd00::2]:5".parse().unwrap()));
        assert_eq!(open.to_string(), "candidate:1 1 udp 7 fd00::2 5 typ host");
    }
}
