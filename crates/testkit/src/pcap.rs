//! Captures in the classic pcap format, link type RAW: IP and UDP headers are made up.

use core::net::{IpAddr, SocketAddr};
use std::collections::VecDeque;
use std::path::PathBuf;

use crate::trace::Entry;

/// Nanosecond resolution.
const MAGIC: u32 = 0xa1b2_3c4d;
/// Packets begin with an IP header of either version.
const LINKTYPE_RAW: u32 = 101;
/// What an IPv4 header and a UDP header leave of 65535 bytes.
const MAX_PAYLOAD: usize = 65_507;
const UDP: u8 = 17;

/// Where captures go: `target/pcap` of the running test, else the system's temporary folder.
pub(crate) fn folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let deps = program.ancestors().find(|folder| folder.ends_with("deps"));
    match deps.and_then(|deps| deps.ancestors().nth(2)) {
        Some(target) => target.join("pcap"),
        None => std::env::temp_dir().join("pcap"),
    }
}

/// The bytes of a capture file.
pub(crate) fn capture(entries: &VecDeque<Entry>) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(MAGIC.to_le_bytes());
    file.extend(2_u16.to_le_bytes()); // version 2.4
    file.extend(4_u16.to_le_bytes());
    file.extend([0; 8]); // time zone, accuracy
    file.extend(65_535_u32.to_le_bytes()); // snap length
    file.extend(LINKTYPE_RAW.to_le_bytes());
    for entry in entries {
        let nanos = entry.time.as_nanos();
        let packet = packet(entry.addresses, &entry.data[..entry.data.len().min(MAX_PAYLOAD)]);
        file.extend(((nanos / 1_000_000_000) as u32).to_le_bytes());
        file.extend(((nanos % 1_000_000_000) as u32).to_le_bytes());
        file.extend((packet.len() as u32).to_le_bytes()); // captured
        file.extend((packet.len() as u32).to_le_bytes()); // on the wire
        file.extend(packet);
    }
    file
}

/// A datagram with the headers it would have on the wire.
fn packet((from, to): (SocketAddr, SocketAddr), data: &[u8]) -> Vec<u8> {
    let udp_len = (data.len() + 8) as u16;
    let mut ports = Vec::new();
    ports.extend(from.port().to_be_bytes());
    ports.extend(to.port().to_be_bytes());
    ports.extend(udp_len.to_be_bytes());

    let (mut packet, pseudo) = match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let mut ip = vec![0x45, 0];
            ip.extend((udp_len + 20).to_be_bytes());
            ip.extend([0, 0, 0x40, 0, 64, UDP, 0, 0]); // don't fragment, TTL 64
            ip.extend(from.octets());
            ip.extend(to.octets());
            let sum = checksum(&[&ip]);
            ip[10..12].copy_from_slice(&sum.to_be_bytes());
            let pseudo = ip[12..].to_vec();
            (ip, pseudo)
        }
        (from, to) => {
            let v6 = |ip| match ip {
                IpAddr::V4(ip) => ip.to_ipv6_mapped(),
                IpAddr::V6(ip) => ip,
            };
            let mut ip = vec![0x60, 0, 0, 0];
            ip.extend(udp_len.to_be_bytes());
            ip.extend([UDP, 64]); // hop limit 64
            ip.extend(v6(from).octets());
            ip.extend(v6(to).octets());
            let pseudo = ip[8..].to_vec();
            (ip, pseudo)
        }
    };
    let sum = checksum(&[&pseudo, &[0, UDP], &udp_len.to_be_bytes(), &ports, data]);
    packet.extend(ports);
    // RFC 768: zero means "no checksum", so a sum of zero is sent as its other form.
    packet.extend(if sum == 0 { [0xff; 2] } else { sum.to_be_bytes() });
    packet.extend(data);
    packet
}

/// RFC 1071. All parts but the last have even lengths.
fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let sum: u64 = words.map(|w| u64::from(w[0]) << 8 | u64::from(*w.get(1).unwrap_or(&0))).sum();
    let mut sum = sum;
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An IPv4 header from RFC 1071's classic example: its checksum is b861.
    #[test]
    fn sums_as_the_rfc_does() {
        let header = [
            0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0, 0, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0,
            0xc7,
        ];
        assert_eq!(checksum(&[&header]), 0xb861);
        assert_eq!(checksum(&[&[0x12]]), !0x1200);
    }

    #[test]
    fn packets_verify() {
        for (from, to, ip_len) in
            [("10.0.0.1:9", "10.0.0.2:80", 20), ("[fe80::1]:9", "[fe80::2]:80", 40)]
        {
            let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
            let packet = packet((from, to), b"odd");
            assert_eq!(packet.len(), ip_len + 8 + 3);
            if ip_len == 20 {
                assert_eq!(checksum(&[&packet[..20]]), 0);
            }
            let addresses = if ip_len == 20 { &packet[12..20] } else { &packet[8..40] };
            assert_eq!(checksum(&[addresses, &[0, UDP, 0, 11], &packet[ip_len..]]), 0);
        }
    }
}
