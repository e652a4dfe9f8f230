//! IPv4 and IPv6 Address: further addresses of a multihomed host, RFC 9260 §3.3.2.1.1. Over DTLS
//! there are none (RFC 8261 §6.1); they are read and passed over.

use core::net::{Ipv4Addr, Ipv6Addr};

use crate::wire::{ParseError, write_tlv};

macro_rules! address {
    ($(#[$doc:meta])* $name:ident, $kind:expr, $addr:ty, $len:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(pub $addr);

        impl $name {
            /// Parameter type.
            pub const TYPE: u16 = $kind;

            pub(crate) fn parse(value: &[u8]) -> Result<Self, ParseError> {
                let bytes: [u8; $len] = value.try_into().map_err(|_| ParseError::BadLength {
                    kind: Self::TYPE,
                    length: value.len(),
                })?;
                Ok(Self(bytes.into()))
            }

            /// Appends the parameter.
            pub fn write(&self, out: &mut Vec<u8>) {
                write_tlv(out, Self::TYPE.to_be_bytes(), |out| {
                    out.extend_from_slice(&self.0.octets());
                });
            }
        }
    };
}

address!(
    /// IPv4 Address.
    Ipv4Address, 5, Ipv4Addr, 4
);
address!(
    /// IPv6 Address.
    Ipv6Address, 6, Ipv6Addr, 16
);
