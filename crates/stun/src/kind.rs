//! What a message is: its class, its method and its transaction id, RFC 8489 §5.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::fmt;

use sansio::Rng;

/// The class of a message, two bits of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Asks for a response.
    Request,
    /// Asks for nothing.
    Indication,
    /// The request was processed.
    SuccessResponse,
    /// The request was refused; an ERROR-CODE says why.
    ErrorResponse,
}

/// The method of a message, twelve bits of its type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Method(u16);

macro_rules! methods {
    ($($number:literal $constant:ident $name:literal $section:literal)*) => {
        impl Method {
            $(#[doc = concat!($name, ", ", $section, ".")]
            pub const $constant: Self = Self($number);)*

            /// The name in the IANA registry of STUN methods.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($name),)*
                    _ => None,
                }
            }
        }
    };
}

methods! {
    0x001 BINDING            "Binding"           "RFC 8489 §14"
    0x003 ALLOCATE           "Allocate"          "RFC 8656 §17"
    0x004 REFRESH            "Refresh"           "RFC 8656 §17"
    0x006 SEND               "Send"              "RFC 8656 §17"
    0x007 DATA               "Data"              "RFC 8656 §17"
    0x008 CREATE_PERMISSION  "CreatePermission"  "RFC 8656 §17"
    0x009 CHANNEL_BIND       "ChannelBind"       "RFC 8656 §17"
    0x00a CONNECT            "Connect"           "RFC 6062 §6.1"
    0x00b CONNECTION_BIND    "ConnectionBind"    "RFC 6062 §6.1"
    0x00c CONNECTION_ATTEMPT "ConnectionAttempt" "RFC 6062 §6.1"
}

impl Method {
    /// The method with this number, or `None` if it needs more than twelve bits.
    pub const fn new(number: u16) -> Option<Self> {
        if number <= 0xfff { Some(Self(number)) } else { None }
    }

    /// Its number, 0 to 0xfff.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "method {:#05x}", self.0),
        }
    }
}

/// The type field: the class bits C1 and C0 lie between the method's bits, and two zero bits keep
/// STUN apart from other protocols.
///
/// ```text
///  0                 1
///  2  3  4 5 6 7 8 9 0 1 2 3 4 5
/// +--+--+-+-+-+-+-+-+-+-+-+-+-+-+
/// |M |M |M|M|M|C|M|M|M|C|M|M|M|M|
/// |11|10|9|8|7|1|6|5|4|0|3|2|1|0|
/// +--+--+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
pub(crate) const fn pack(class: Class, method: Method) -> u16 {
    let class = match class {
        Class::Request => 0x000,
        Class::Indication => 0x010,
        Class::SuccessResponse => 0x100,
        Class::ErrorResponse => 0x110,
    };
    let m = method.0;
    (m & 0xf80) << 2 | (m & 0x070) << 1 | (m & 0x00f) | class
}

/// The inverse of [`pack`]; the caller has seen that the two highest bits are zero.
pub(crate) const fn unpack(field: u16) -> (Class, Method) {
    let class = match field & 0x110 {
        0x000 => Class::Request,
        0x010 => Class::Indication,
        0x100 => Class::SuccessResponse,
        _ => Class::ErrorResponse,
    };
    (class, Method((field >> 2) & 0xf80 | (field >> 1) & 0x070 | field & 0x00f))
}

/// 96 bits that tie a response to its request, RFC 8489 §5.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransactionId([u8; 12]);

impl TransactionId {
    /// A fresh one. RFC 8489 §5 wants it cryptographically random: it is what keeps a stranger
    /// off the path from answering in the server's place.
    pub fn random(rng: &mut dyn Rng) -> Self {
        let mut bytes = [0; 12];
        rng.fill(&mut bytes);
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 12] {
        &self.0
    }
}

impl From<[u8; 12]> for TransactionId {
    fn from(bytes: [u8; 12]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for TransactionId {
    /// 24 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_the_types_that_the_rfcs_print() {
        let table = [
            (0x0001, Class::Request, Method::BINDING),
            (0x0011, Class::Indication, Method::BINDING),
            (0x0101, Class::SuccessResponse, Method::BINDING),
            (0x0111, Class::ErrorResponse, Method::BINDING),
            (0x0003, Class::Request, Method::ALLOCATE),
            (0x0113, Class::ErrorResponse, Method::ALLOCATE),
            (0x0016, Class::Indication, Method::SEND),
        ];
        for (field, class, method) in table {
            assert_eq!(pack(class, method), field);
            assert_eq!(unpack(field), (class, method));
        }
    }

    #[test]
    fn every_type_field_survives_unpacking() {
        for field in 0..=0x3fff {
            let (class, method) = unpack(field);
            assert_eq!(pack(class, method), field);
            assert_eq!(Method::new(method.number()), Some(method));
        }
        assert_eq!(Method::new(0x1000), None);
    }

    #[test]
    fn is_shown_by_name_or_number() {
        assert_eq!(Method::CREATE_PERMISSION.to_string(), "CreatePermission");
        assert_eq!(Method::new(0x080).unwrap().to_string(), "method 0x080");
        assert_eq!(TransactionId::from([0xa5; 12]).to_string(), "a5a5a5a5a5a5a5a5a5a5a5a5");
    }
}
