//! Sequence numbers that wrap, RFC 1982.

use core::fmt;

macro_rules! serial {
    ($(#[$doc:meta])* $name:ident, $int:ty, $half:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub $int);

        impl $name {
            /// The one `n` after this.
            #[must_use]
            pub const fn plus(self, n: $int) -> Self {
                Self(self.0.wrapping_add(n))
            }

            /// The one after this.
            #[must_use]
            pub const fn next(self) -> Self {
                self.plus(1)
            }

            /// The one before this.
            #[must_use]
            pub const fn previous(self) -> Self {
                Self(self.0.wrapping_sub(1))
            }

            /// How many steps lead from `earlier` to this.
            pub const fn since(self, earlier: Self) -> $int {
                self.0.wrapping_sub(earlier.0)
            }

            /// Whether this comes after `other`: it is less than half the space ahead.
            pub const fn is_after(self, other: Self) -> bool {
                let ahead = self.since(other);
                ahead != 0 && ahead < $half
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

serial!(
    /// Transmission sequence number of a DATA chunk, RFC 9260 §1.6.
    Tsn,
    u32,
    1 << 31
);
serial!(
    /// Stream sequence number of an ordered message, RFC 9260 §1.6.
    Ssn,
    u16,
    1 << 15
);
serial!(
    /// Message identifier: the number of a message among the ordered or the unordered ones of its
    /// stream, RFC 8260 §2.1.
    Mid,
    u32,
    1 << 31
);
serial!(
    /// Sequence number of a re-configuration request, RFC 6525 §4.1.
    RequestNumber,
    u32,
    1 << 31
);

impl From<Mid> for Ssn {
    /// The number that DATA chunks carry: the lower half.
    fn from(mid: Mid) -> Self {
        let [_, _, high, low] = mid.0.to_be_bytes();
        Self(u16::from_be_bytes([high, low]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_survives_the_wrap() {
        assert!(Tsn(0).is_after(Tsn(u32::MAX)));
        assert!(!Tsn(u32::MAX).is_after(Tsn(0)));
        assert!(!Tsn(5).is_after(Tsn(5)));
        assert!(Ssn(3).is_after(Ssn(65_530)));
        assert_eq!(Ssn(3).since(Ssn(65_530)), 9);
        assert_eq!(Tsn(0).previous(), Tsn(u32::MAX));
    }
}
