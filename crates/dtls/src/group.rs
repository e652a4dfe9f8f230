//! Groups for key agreement, by number and name.

use core::fmt;

/// The groups that [`Ring`](crate::Ring) has.
const GROUPS: [(u16, &str); 4] =
    [(0x11EC, "X25519MLKEM768"), (0x001D, "x25519"), (0x0017, "secp256r1"), (0x0018, "secp384r1")];

/// A group in which two sides agree on a key, as the TLS registry numbers it (RFC 8446 §4.2.7).
/// [`Display`](fmt::Display) gives its registry name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NamedGroup(pub u16);

impl NamedGroup {
    /// ML-KEM-768 and X25519 together: safe as long as one of them is.
    pub const X25519_MLKEM768: Self = Self(0x11EC);
    /// X25519, RFC 7748.
    pub const X25519: Self = Self(0x001D);
    /// NIST P-256.
    pub const P256: Self = Self(0x0017);
    /// NIST P-384.
    pub const P384: Self = Self(0x0018);

    /// The registry's name; `None` for a group that this crate does not know.
    pub fn name(self) -> Option<&'static str> {
        GROUPS.iter().find(|row| row.0 == self.0).map(|row| row.1)
    }

    /// Whether DTLS 1.2 can use it: RFC 8422 knows elliptic curves alone.
    pub(crate) fn is_curve(self) -> bool {
        self != Self::X25519_MLKEM768
    }
}

impl fmt::Display for NamedGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#06X}", self.0),
        }
    }
}
