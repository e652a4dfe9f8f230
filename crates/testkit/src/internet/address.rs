//! Addresses as they are written in a story.

use core::net::{IpAddr, Ipv4Addr};

/// Panics if `text` is not an IP address.
#[track_caller]
pub(super) fn ip(text: &str) -> IpAddr {
    let ip = text.parse();
    assert!(ip.is_ok(), "{text} is not an IP address");
    ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}
