//! The profiles and levels of H.264: what `profile-level-id` says, and what an answer to it says.
//! RFC 6184 §8.1 and §8.2.2.
//!
//! ```text
//! profile-level-id=42e01f
//!                  ││││└┴ level_idc: ten times the level
//!                  ││└┴── profile-iop: constraint_set0 to 5, two zeros
//!                  └┴──── profile_idc
//! ```

use super::Codec;

/// A profile, which both sides must have alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Profile {
    ConstrainedBaseline,
    Baseline,
    Main,
    Extended,
    ConstrainedHigh,
    High,
    /// One without a row in RFC 6184's table 5: equal if its bytes are.
    Other(u8, u8),
}

/// A level, so that those in between are in between: level 1b is above 1 and below 1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Level {
    /// Ten times the level.
    idc: u8,
    /// It is not 1b.
    above_1b: bool,
}

/// The value of `profile-level-id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ProfileLevelId {
    profile: Profile,
    level: Level,
    /// `profile_idc` and `profile-iop`.
    bytes: [u8; 2],
}

/// constraint_set3: with `level_idc` 11 it means level 1b.
const CONSTRAINT_SET3: u8 = 0x10;

impl ProfileLevelId {
    /// What is assumed where nothing is said: constrained baseline, level 3.1, as libwebrtc does.
    /// RFC 6184 says baseline, level 1, which nobody means.
    const ASSUMED: Self = Self {
        profile: Profile::ConstrainedBaseline,
        level: Level { idc: 31, above_1b: true },
        bytes: [0x42, 0xe0],
    };

    fn of(codec: &Codec) -> Option<Self> {
        codec.parameter("profile-level-id").map_or(Some(Self::ASSUMED), Self::parse)
    }

    fn parse(text: &str) -> Option<Self> {
        if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let [_, idc, iop, level] = u32::from_str_radix(text, 16).ok()?.to_be_bytes();
        let is_1b = level == 11 && iop & CONSTRAINT_SET3 != 0 && matches!(idc, 0x42 | 0x4d | 0x58);
        Some(Self {
            profile: Profile::new(idc, iop),
            level: Level { idc: level, above_1b: !is_1b },
            bytes: [idc, iop],
        })
    }

    /// The same profile with another level.
    fn at(self, level: Level) -> String {
        let [idc, iop] = self.bytes;
        let iop = match (self.profile, level.above_1b) {
            (Profile::ConstrainedHigh | Profile::High | Profile::Other(..), _) => iop,
            (_, true) => iop & !CONSTRAINT_SET3,
            (_, false) => iop | CONSTRAINT_SET3,
        };
        format!("{idc:02x}{iop:02x}{:02x}", level.idc)
    }
}

impl Profile {
    /// RFC 6184 §8.1, table 5.
    const fn new(idc: u8, iop: u8) -> Self {
        match idc {
            0x42 if iop & 0x4f == 0x40 => Self::ConstrainedBaseline,
            0x4d if iop & 0x8f == 0x80 => Self::ConstrainedBaseline,
            0x58 if iop & 0xcf == 0xc0 => Self::ConstrainedBaseline,
            0x42 if iop & 0x4f == 0 => Self::Baseline,
            0x58 if iop & 0xcf == 0x80 => Self::Baseline,
            0x4d if iop & 0xaf == 0 => Self::Main,
            0x58 if iop & 0xcf == 0 => Self::Extended,
            0x64 if iop == 0 => Self::High,
            0x64 if iop == 0x0c => Self::ConstrainedHigh,
            _ => Self::Other(idc, iop),
        }
    }
}

/// Whether profile and packetization mode, which are not negotiable, are the same.
pub(super) fn is_same(a: &Codec, b: &Codec) -> bool {
    let mode = |codec: &Codec| match codec.parameter("packetization-mode") {
        None | Some("0") => 0,
        Some("1") => 1,
        Some(_) => 2,
    };
    match (ProfileLevelId::of(a), ProfileLevelId::of(b)) {
        (Some(x), Some(y)) => x.profile == y.profile && mode(a) == mode(b),
        _ => false,
    }
}

/// The parameters with which ours answers theirs: our own level if both sides may differ in it,
/// the lower of the two if not.
pub(super) fn answered(ours: &Codec, theirs: &Codec) -> String {
    let asymmetric = |codec: &Codec| codec.parameter("level-asymmetry-allowed") == Some("1");
    let (Some(x), Some(y)) = (ProfileLevelId::of(ours), ProfileLevelId::of(theirs)) else {
        return ours.parameters.clone();
    };
    let level = if asymmetric(ours) && asymmetric(theirs) { x.level } else { x.level.min(y.level) };
    let value = x.at(level);
    let parameters = ours.parameters.split(';').map(|parameter| match parameter.split_once('=') {
        Some((name, _)) if name.trim().eq_ignore_ascii_case("profile-level-id") => {
            format!("{name}={value}")
        }
        _ => parameter.to_owned(),
    });
    parameters.collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_those_of_the_table() {
        for (text, profile) in [
            ("42e01f", Profile::ConstrainedBaseline),
            ("42c01f", Profile::ConstrainedBaseline),
            ("4d8028", Profile::ConstrainedBaseline),
            ("58f00b", Profile::ConstrainedBaseline),
            ("42001f", Profile::Baseline),
            ("58a01e", Profile::Baseline),
            ("4d001f", Profile::Main),
            ("4D401E", Profile::Main),
            ("580028", Profile::Extended),
            ("640034", Profile::High),
            ("640c1f", Profile::ConstrainedHigh),
            ("f4001f", Profile::Other(0xf4, 0)),
        ] {
            assert_eq!(ProfileLevelId::parse(text).unwrap().profile, profile, "{text}");
        }
        for text in ["", "42e0", "42e01f00", "42e01g", "+2e01f"] {
            assert_eq!(ProfileLevelId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn level_1b_lies_between_1_and_1_1() {
        let level = |text| ProfileLevelId::parse(text).unwrap().level;
        assert!(level("42e00a") < level("42f00b"));
        assert!(level("42f00b") < level("42e00b"));
        assert!(level("42e00b") < level("42e00c"));
    }
}
