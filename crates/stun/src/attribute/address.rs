//! The encoding shared by attributes that hold an address, RFC 8489 §14.1 and §14.2.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |0 0 0 0 0 0 0 0|    Family     |             Port              |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                Address, 4 bytes (IPv4) or 16 (IPv6)          ...
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{AttributeError, AttributeType};
use crate::{TransactionId, message::MAGIC_COOKIE};

const IPV4: u8 = 1;
const IPV6: u8 = 2;

/// Reads an address as it is written.
///
/// # Errors
///
/// The value has not the length of its family, or another family.
pub fn parse(kind: AttributeType, value: &[u8]) -> Result<SocketAddr, AttributeError> {
    let length = |needed| AttributeError::Length { kind, needed, had: value.len() };
    // The first byte is ignored on receipt.
    let Some((&[_, family, p0, p1], address)) = value.split_first_chunk::<4>() else {
        return Err(length(8));
    };
    let ip = match family {
        IPV4 => IpAddr::from(<[u8; 4]>::try_from(address).map_err(|_| length(8))?),
        IPV6 => IpAddr::from(<[u8; 16]>::try_from(address).map_err(|_| length(20))?),
        _ => return Err(AttributeError::Family { kind, family }),
    };
    Ok(SocketAddr::new(ip, u16::from_be_bytes([p0, p1])))
}

/// Appends an address as it is.
pub fn write(address: SocketAddr, out: &mut Vec<u8>) {
    let [p0, p1] = address.port().to_be_bytes();
    match address.ip() {
        IpAddr::V4(ip) => {
            out.extend_from_slice(&[0, IPV4, p0, p1]);
            out.extend_from_slice(&ip.octets());
        }
        IpAddr::V6(ip) => {
            out.extend_from_slice(&[0, IPV6, p0, p1]);
            out.extend_from_slice(&ip.octets());
        }
    }
}

/// Masks the port with the first half of the magic cookie, an IPv4 address with the cookie, and an
/// IPv6 address with the cookie and the transaction id. Doing it twice undoes it.
pub fn mask(address: SocketAddr, id: &TransactionId) -> SocketAddr {
    let [c0, c1, ..] = MAGIC_COOKIE.to_be_bytes();
    let ip = match address.ip() {
        IpAddr::V4(ip) => IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() ^ MAGIC_COOKIE)),
        IpAddr::V6(ip) => {
            let mut mask = [0; 16];
            let (cookie, rest) = mask.split_at_mut(4);
            cookie.copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
            rest.copy_from_slice(id.as_bytes());
            IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() ^ u128::from_be_bytes(mask)))
        }
    };
    SocketAddr::new(ip, address.port() ^ u16::from_be_bytes([c0, c1]))
}
