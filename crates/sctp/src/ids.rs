//! Numbers that name things and have no order.

use core::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $int:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub $int);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A stream, in one direction, RFC 9260 §1.3.
    StreamId,
    u16
);
id!(
    /// Payload protocol identifier: what the bytes of a message mean to the application, RFC 9260
    /// §3.3.1. WebRTC's values are in RFC 8831 §8.
    Ppid,
    u32
);
id!(
    /// Verification tag of one direction of an association, RFC 9260 §3.1. Never zero, except in
    /// packets that carry INIT.
    Tag,
    u32
);
