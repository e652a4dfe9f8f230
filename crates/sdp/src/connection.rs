//! A network address: `c=`, the end of `o=`, `a=rtcp`. RFC 8866 §5.7.

use core::fmt;
use core::net::IpAddr;

use crate::error::Reason;
use crate::fields::Fields;
use crate::own::{into_owned, owned};
use crate::text::Token;

/// `IN IP4 192.0.2.2`: where something is to be found on the internet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Connection<'a> {
    /// What kind of address, or of addresses the name leads to.
    pub address_type: AddressType,
    /// An IP address, for multicast with `/ttl` and `/count` behind it, or a name.
    pub address: Token<'a>,
}

/// The version of IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressType {
    /// IPv4.
    Ip4,
    /// IPv6.
    Ip6,
}

into_owned!(Connection { address_type, address });
owned!(AddressType);

impl<'a> Connection<'a> {
    /// `IN IP4 0.0.0.0`, for what ICE has still to find (RFC 8840 §4.1.1).
    pub const UNKNOWN: Connection<'static> =
        Connection { address_type: AddressType::Ip4, address: Token::parsed("0.0.0.0") };

    /// Reads `IN IP4 192.0.2.2`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        Self::read(Fields::new(text))
    }

    pub(crate) fn read(mut fields: Fields<'a>) -> Result<Self, Reason> {
        if fields.word("network type")? != "IN" {
            return Err(Reason::Invalid { field: "network type", expected: "IN" });
        }
        let address_type = match fields.word("address type")? {
            "IP4" => AddressType::Ip4,
            "IP6" => AddressType::Ip6,
            _ => return Err(Reason::Invalid { field: "address type", expected: "IP4 or IP6" }),
        };
        Ok(Self { address_type, address: fields.token("address")? })
    }

    /// The address, if it is one of IP, without `/ttl` and `/count`.
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.split('/').next()?.parse().ok()
    }
}

impl From<IpAddr> for Connection<'_> {
    fn from(ip: IpAddr) -> Self {
        let address_type = if ip.is_ipv4() { AddressType::Ip4 } else { AddressType::Ip6 };
        Self { address_type, address: ip.to_string().into() }
    }
}

impl fmt::Display for Connection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.address_type {
            AddressType::Ip4 => "IN IP4 ",
            AddressType::Ip6 => "IN IP6 ",
        })?;
        f.write_str(&self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_addresses_from_names() {
        for (text, ip) in [
            ("IN IP4 192.0.2.2", Some("192.0.2.2")),
            ("IN IP6 fd00::2", Some("fd00::2")),
            ("IN IP4 224.2.36.42/127", Some("224.2.36.42")),
            ("IN IP4 host.atlanta.example.com", None),
        ] {
            let connection = Connection::parse(text).unwrap();
            assert_eq!(connection.ip(), ip.map(|ip| ip.parse().unwrap()));
            assert_eq!(connection.to_string(), text);
        }
        let ip: IpAddr = "fd00::2".parse().unwrap();
        assert_eq!(Connection::from(ip).to_string(), "IN IP6 fd00::2");
    }
}
