//! Which way the camera is turned, 3GPP TS 26.114 §7.4.5.

use crate::ParseError;
use crate::wire::exactly;

/// How a picture is to be turned before it is shown.
///
/// ```text
/// +-------+-+-+---+
/// |   0   |C|F| R |
/// +-------+-+-+---+
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VideoOrientation {
    /// Which camera it is.
    pub camera: Camera,
    /// The picture is mirrored, left to right.
    pub flip: bool,
    /// How far it is to be turned.
    pub rotation: Rotation,
}

/// Which camera takes the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Camera {
    /// The one that faces the user, or not known.
    #[default]
    Front,
    /// The one that faces away.
    Back,
}

/// How far a picture is to be turned clockwise before it is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rotation {
    /// Not at all.
    #[default]
    None,
    /// 90 degrees.
    Quarter,
    /// 180 degrees.
    Half,
    /// 270 degrees.
    ThreeQuarters,
}

impl VideoOrientation {
    /// Bytes on the wire.
    pub const LEN: usize = 1;
    const BACK: u8 = 8;
    const FLIP: u8 = 4;

    /// Reads a value. The four high bits say nothing.
    ///
    /// # Errors
    ///
    /// Not one byte.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let [byte] = exactly(bytes)?;
        let rotation = match byte & 3 {
            0 => Rotation::None,
            1 => Rotation::Quarter,
            2 => Rotation::Half,
            _ => Rotation::ThreeQuarters,
        };
        let camera = if byte & Self::BACK == 0 { Camera::Front } else { Camera::Back };
        Ok(Self { camera, flip: byte & Self::FLIP != 0, rotation })
    }

    /// As on the wire.
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        let camera = match self.camera {
            Camera::Front => 0,
            Camera::Back => Self::BACK,
        };
        let rotation = match self.rotation {
            Rotation::None => 0,
            Rotation::Quarter => 1,
            Rotation::Half => 2,
            Rotation::ThreeQuarters => 3,
        };
        [camera | if self.flip { Self::FLIP } else { 0 } | rotation]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_has_its_meaning() {
        for byte in 0..16 {
            assert_eq!(VideoOrientation::parse(&[byte]).unwrap().to_bytes(), [byte]);
        }
        let found = VideoOrientation::parse(&[0xf9]).unwrap();
        let expected =
            VideoOrientation { camera: Camera::Back, flip: false, rotation: Rotation::Quarter };
        assert_eq!(found, expected);
        assert!(VideoOrientation::parse(&[]).is_err());
    }
}
