//! Candidates as they are signalled, RFC 8839 §5.1.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use ice::{Address, Candidate, CandidateKind, TcpType};
use sansio::Transport;
use sdp::attribute::{self, CandidateAddress, CandidateKind as Kind};

/// What follows `candidate:`.
pub(super) fn write(candidate: &Candidate) -> anyhow::Result<String> {
    let address = candidate.socket_addr().context("a candidate with a name")?;
    let Candidate { foundation, component, transport, priority, kind, related, .. } = candidate;
    let (ip, port, kind) = (address.ip(), address.port(), kind.name());
    let mut line =
        format!("{foundation} {component} {transport} {priority} {ip} {port} typ {kind}");
    if let Some(related) = related {
        line += &format!(" raddr {} rport {}", related.ip(), related.port());
    }
    line += match candidate.tcp_type {
        Some(TcpType::Active) => " tcptype active",
        Some(TcpType::Passive) => " tcptype passive",
        Some(TcpType::SimultaneousOpen) => " tcptype so",
        None => "",
    };
    Ok(line)
}

/// `None`: of a kind, or over a transport, that nobody has defined.
pub(super) fn read(text: &str) -> anyhow::Result<Option<Candidate>> {
    let read = sdp::Candidate::parse(text).with_context(|| format!("its candidate {text}"))?;
    let kind = match read.kind {
        Kind::Host => CandidateKind::Host,
        Kind::ServerReflexive => CandidateKind::ServerReflexive,
        Kind::PeerReflexive => CandidateKind::PeerReflexive,
        Kind::Relayed => CandidateKind::Relayed,
        _ => return Ok(None),
    };
    let CandidateAddress::Ip(ip) = read.address else { bail!("a name: {text}") };
    let transport = match read.transport() {
        Some(attribute::Transport::Udp) => Transport::Udp,
        Some(attribute::Transport::Tcp) => Transport::Tcp,
        None => return Ok(None),
    };
    Ok(Some(Candidate {
        foundation: read.foundation.as_str().into(),
        component: read.component,
        transport,
        tcp_type: read.tcp_type.map(|tcp_type| match tcp_type {
            attribute::TcpType::Active => TcpType::Active,
            attribute::TcpType::Passive => TcpType::Passive,
            attribute::TcpType::SimultaneousOpen => TcpType::SimultaneousOpen,
        }),
        priority: read.priority,
        address: Address::Ip(SocketAddr::new(ip, read.port)),
        kind,
        related: None,
        ufrag: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for text in [
            "1 1 udp 7 192.0.2.1 5 typ host",
            "a 1 udp 9 ::1 6 typ relay",
            "1 1 tcp 7 192.0.2.1 9 typ host tcptype active",
        ] {
            assert_eq!(write(&read(text).unwrap().unwrap()).unwrap(), text);
        }
        assert_eq!(read("1 1 sctp 7 192.0.2.1 9 typ host").unwrap(), None);
    }
}
