//! The numbers and names of attributes, from the IANA registry of STUN attributes.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::fmt;

/// The type of an attribute.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttributeType(pub u16);

macro_rules! attributes {
    ($($number:literal $constant:ident $name:literal $section:literal)*) => {
        impl AttributeType {
            $(#[doc = concat!($name, ", ", $section, ".")]
            pub const $constant: Self = Self($number);)*

            /// The name in the IANA registry of STUN attributes.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($name),)*
                    _ => None,
                }
            }
        }
    };
}

attributes! {
    0x0001 MAPPED_ADDRESS            "MAPPED-ADDRESS"            "RFC 8489 §14.1"
    0x0003 CHANGE_REQUEST            "CHANGE-REQUEST"            "RFC 5780 §7.2"
    0x0006 USERNAME                  "USERNAME"                  "RFC 8489 §14.3"
    0x0008 MESSAGE_INTEGRITY         "MESSAGE-INTEGRITY"         "RFC 8489 §14.5"
    0x0009 ERROR_CODE                "ERROR-CODE"                "RFC 8489 §14.8"
    0x000a UNKNOWN_ATTRIBUTES        "UNKNOWN-ATTRIBUTES"        "RFC 8489 §14.13"
    0x000c CHANNEL_NUMBER            "CHANNEL-NUMBER"            "RFC 8656 §18.1"
    0x000d LIFETIME                  "LIFETIME"                  "RFC 8656 §18.2"
    0x0012 XOR_PEER_ADDRESS          "XOR-PEER-ADDRESS"          "RFC 8656 §18.3"
    0x0013 DATA                      "DATA"                      "RFC 8656 §18.4"
    0x0014 REALM                     "REALM"                     "RFC 8489 §14.9"
    0x0015 NONCE                     "NONCE"                     "RFC 8489 §14.10"
    0x0016 XOR_RELAYED_ADDRESS       "XOR-RELAYED-ADDRESS"       "RFC 8656 §18.5"
    0x0017 REQUESTED_ADDRESS_FAMILY  "REQUESTED-ADDRESS-FAMILY"  "RFC 8656 §18.6"
    0x0018 EVEN_PORT                 "EVEN-PORT"                 "RFC 8656 §18.7"
    0x0019 REQUESTED_TRANSPORT       "REQUESTED-TRANSPORT"       "RFC 8656 §18.8"
    0x001a DONT_FRAGMENT             "DONT-FRAGMENT"             "RFC 8656 §18.9"
    0x001b ACCESS_TOKEN              "ACCESS-TOKEN"              "RFC 7635 §6.2"
    0x001c MESSAGE_INTEGRITY_SHA256  "MESSAGE-INTEGRITY-SHA256"  "RFC 8489 §14.6"
    0x001d PASSWORD_ALGORITHM        "PASSWORD-ALGORITHM"        "RFC 8489 §14.12"
    0x001e USERHASH                  "USERHASH"                  "RFC 8489 §14.4"
    0x0020 XOR_MAPPED_ADDRESS        "XOR-MAPPED-ADDRESS"        "RFC 8489 §14.2"
    0x0022 RESERVATION_TOKEN         "RESERVATION-TOKEN"         "RFC 8656 §18.10"
    0x0024 PRIORITY                  "PRIORITY"                  "RFC 8445 §16.1"
    0x0025 USE_CANDIDATE             "USE-CANDIDATE"             "RFC 8445 §16.1"
    0x0026 PADDING                   "PADDING"                   "RFC 5780 §7.6"
    0x0027 RESPONSE_PORT             "RESPONSE-PORT"             "RFC 5780 §7.5"
    0x002a CONNECTION_ID             "CONNECTION-ID"             "RFC 6062 §6.2.1"
    0x8000 ADDITIONAL_ADDRESS_FAMILY "ADDITIONAL-ADDRESS-FAMILY" "RFC 8656 §18.11"
    0x8001 ADDRESS_ERROR_CODE        "ADDRESS-ERROR-CODE"        "RFC 8656 §18.12"
    0x8002 PASSWORD_ALGORITHMS       "PASSWORD-ALGORITHMS"       "RFC 8489 §14.11"
    0x8003 ALTERNATE_DOMAIN          "ALTERNATE-DOMAIN"          "RFC 8489 §14.16"
    0x8004 ICMP                      "ICMP"                      "RFC 8656 §18.13"
    0x8022 SOFTWARE                  "SOFTWARE"                  "RFC 8489 §14.14"
    0x8023 ALTERNATE_SERVER          "ALTERNATE-SERVER"          "RFC 8489 §14.15"
    0x8027 CACHE_TIMEOUT             "CACHE-TIMEOUT"             "RFC 5780 §7.1"
    0x8028 FINGERPRINT               "FINGERPRINT"               "RFC 8489 §14.7"
    0x8029 ICE_CONTROLLED            "ICE-CONTROLLED"            "RFC 8445 §16.1"
    0x802a ICE_CONTROLLING           "ICE-CONTROLLING"           "RFC 8445 §16.1"
    0x802b RESPONSE_ORIGIN           "RESPONSE-ORIGIN"           "RFC 5780 §7.3"
    0x802c OTHER_ADDRESS             "OTHER-ADDRESS"             "RFC 5780 §7.4"
    0x802e THIRD_PARTY_AUTHORIZATION "THIRD-PARTY-AUTHORIZATION" "RFC 7635 §6.1"
    0x8030 MOBILITY_TICKET           "MOBILITY-TICKET"           "RFC 8016 §4.1"
    0xc001 NOMINATION                "NOMINATION"                "draft-thatcher-ice-renomination-01"
    0xc070 DTLS_IN_STUN_DATA         "DTLS-IN-STUN-DATA"         "draft-hancke-webrtc-sped-00"
    0xc071 DTLS_IN_STUN_ACK          "DTLS-IN-STUN-ACK"          "draft-hancke-webrtc-sped-00"
}

impl AttributeType {
    /// Whether a receiver that does not know this attribute must refuse the message: true in the
    /// lower half of the range, RFC 8489 §14.
    pub const fn is_comprehension_required(self) -> bool {
        self.0 < 0x8000
    }
}

impl fmt::Debug for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "attribute {:#06x}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_shown_by_name_or_number() {
        assert_eq!(AttributeType::XOR_MAPPED_ADDRESS.to_string(), "XOR-MAPPED-ADDRESS");
        assert_eq!(AttributeType(0xc057).to_string(), "attribute 0xc057");
    }

    #[test]
    fn the_lower_half_must_be_understood() {
        assert!(AttributeType(0x7fff).is_comprehension_required());
        assert!(!AttributeType(0x8000).is_comprehension_required());
    }
}
