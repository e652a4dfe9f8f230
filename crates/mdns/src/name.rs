//! A name of a candidate: a UUID under `.local`, draft-ietf-mmusic-mdns-ice-candidates §3.1.1.

use core::fmt;
use core::str::FromStr;

use sansio::Rng;

/// The label below the UUID, and above nothing: link-local names, RFC 6762 §3.
pub(crate) const LOCAL: &[u8; 5] = b"local";

/// `2e5a8c1f-….local`. Upper and lower case are equal, as everywhere in DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(u128);

/// Why text is not a name: it is no UUID with `.local` behind it. Other names are not asked for,
/// since with them a stranger could make us send to any printer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID under .local")]
pub struct NameError;

impl Name {
    /// Octets of a UUID as text.
    pub(crate) const LABEL: usize = 36;
    /// Where its hyphens stand, RFC 9562 §4.
    const HYPHENS: [usize; 4] = [8, 13, 18, 23];

    /// A name that nobody else has: a UUID of version 4, RFC 9562 §5.4.
    pub fn random(rng: &mut dyn Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self(u128::from_be_bytes(bytes))
    }

    /// What stands in the first label. UUIDs of all versions are taken: others choose theirs.
    pub(crate) fn from_label(label: &[u8]) -> Option<Self> {
        if label.len() != Self::LABEL {
            return None;
        }
        let mut value: u128 = 0;
        for (place, &octet) in label.iter().enumerate() {
            if Self::HYPHENS.contains(&place) {
                if octet != b'-' {
                    return None;
                }
            } else {
                let digit = char::from(octet).to_digit(16)?;
                value = value << 4 | u128::from(digit);
            }
        }
        Some(Self(value))
    }

    /// The first label.
    pub(crate) fn label(self) -> [u8; Self::LABEL] {
        let mut digits = (0..32).rev().map(|place| {
            let digit = u32::try_from(self.0 >> (4 * place) & 0xf).unwrap_or_default();
            char::from_digit(digit, 16).and_then(|c| u8::try_from(c).ok()).unwrap_or(b'0')
        });
        core::array::from_fn(|place| {
            if Self::HYPHENS.contains(&place) { b'-' } else { digits.next().unwrap_or(b'0') }
        })
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let (label, rest) = text.as_bytes().split_at_checked(Self::LABEL).ok_or(NameError)?;
        let below = rest.strip_prefix(b".").ok_or(NameError)?;
        let is_local = below.eq_ignore_ascii_case(LOCAL);
        Self::from_label(label).filter(|_| is_local).ok_or(NameError)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.label().iter().try_for_each(|&octet| write!(f, "{}", char::from(octet)))?;
        f.write_str(".local")
    }
}

#[cfg(test)]
mod tests {
    use testkit::SeededRng;

    use super::*;

    #[test]
    fn names_are_uuids_under_local() {
        let text = "9b36eaac-bb2e-49bb-bb78-21c41c499900.local";
        let name: Name = text.parse().unwrap();
        assert_eq!(name.to_string(), text);
        assert_eq!(text.to_uppercase().parse(), Ok(name));
        for bad in [
            "",
            "printer.local",
            "9b36eaac-bb2e-49bb-bb78-21c41c499900",
            "9b36eaac-bb2e-49bb-bb78-21c41c499900.local.",
            "9b36eaac-bb2e-49bb-bb78-21c41c499900.example",
            "x.9b36eaac-bb2e-49bb-bb78-21c41c499900.local",
            "9b36eaac-bb2e-49bb-bb78-21c41c49990.local",
            "9b36eaac-bb2e-49bb-bb78-21c41c49990g.local",
            "9b36eaacbb2e-49bb-bb78-21c41c4999000-.local",
            "9b36eaac-bb2e-49bb-bb78-21c41c4999é.local",
        ] {
            assert_eq!(bad.parse::<Name>(), Err(NameError), "{bad}");
        }
    }

    #[test]
    fn a_random_name_is_of_version_4() {
        let mut rng = SeededRng::new(1);
        for _ in 0..100 {
            let text = Name::random(&mut rng).to_string();
            assert_eq!(&text[14..15], "4", "{text}");
            assert!(matches!(&text[19..20], "8" | "9" | "a" | "b"), "{text}");
            assert_eq!(text.parse::<Name>().unwrap().to_string(), text);
        }
    }
}
