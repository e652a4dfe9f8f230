//! What a frame depends on, the form before the dependency descriptor: libwebrtc's
//! generic-frame-descriptor-00.

use crate::ParseError;
use crate::wire::{take, take_u8, take_u16};

/// Which part of a frame a packet is; with its first packet, what the frame depends on.
///
/// ```text
/// +-+-+-+-+-+-----+---------------+-------------------------------+
/// |B|E|F|L|D|  T  | spatial layers|  frame id, low byte first     |
/// +-+-+-+-+-+-----+---------------+-------------------------------+
/// |           width               |           height              |  if B and not D
/// +-----------+-+-+---------------+-------------------------------+
/// | FDIFF     |X|M| FDIFF >> 6, if X              …               |  if D, and again while M
/// +-----------+-+-+---------------+-------------------------------+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenericFrameDescriptor {
    /// The last packet of a frame.
    pub last_packet: bool,
    /// The first subframe of a frame: always, as subframes are not used.
    pub first_subframe: bool,
    /// The last subframe of a frame: always.
    pub last_subframe: bool,
    /// In the first packet of a frame, what the frame is.
    pub start: Option<FrameStart>,
}

/// What a frame is, and what it depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameStart {
    /// Three bits.
    pub temporal_layer: u8,
    /// A bit for each spatial layer that the frame is in.
    pub spatial_layers: u8,
    /// One more with each frame. It wraps.
    pub frame_id: u16,
    /// Width and height, with frames that depend on none.
    pub resolution: Option<(u16, u16)>,
    dependencies: [u16; FrameStart::MAX_DEPENDENCIES],
    dependencies_len: u8,
}

impl FrameStart {
    /// The most frames that one depends on.
    pub const MAX_DEPENDENCIES: usize = 8;
    /// The farthest back that a dependency can be: 14 bits.
    pub const MAX_DISTANCE: u16 = 0x3fff;

    /// Adds a frame that this one depends on, by how many ids it is back. False: there is no room,
    /// or it is this frame itself, or farther back than 14 bits can say.
    pub fn depend_on(&mut self, back: u16) -> bool {
        let len = usize::from(self.dependencies_len);
        let valid = (1..=Self::MAX_DISTANCE).contains(&back);
        match self.dependencies.get_mut(len) {
            Some(slot) if valid => {
                *slot = back;
                self.dependencies_len = self.dependencies_len.saturating_add(1);
                true
            }
            _ => false,
        }
    }

    /// The frames that it depends on, by how many ids they are back.
    pub fn dependencies(&self) -> &[u16] {
        self.dependencies.get(..usize::from(self.dependencies_len)).unwrap_or_default()
    }
}

const FIRST_PACKET: u8 = 0x80;
const LAST_PACKET: u8 = 0x40;
const FIRST_SUBFRAME: u8 = 0x20;
const LAST_SUBFRAME: u8 = 0x10;
const DEPENDS: u8 = 0x08;
const EXTENDED: u8 = 2;
const MORE: u8 = 1;

impl GenericFrameDescriptor {
    /// Reads a value.
    ///
    /// # Errors
    ///
    /// Truncated or too long; or a frame that depends on itself, or on more than eight.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let mut rest = bytes;
        let flags = take_u8(&mut rest)?;
        let start =
            if flags & FIRST_PACKET == 0 { None } else { Some(parse_start(flags, &mut rest)?) };
        if !rest.is_empty() {
            let expected = bytes.len().wrapping_sub(rest.len());
            return Err(ParseError::Length { length: bytes.len(), expected });
        }
        Ok(Self {
            last_packet: flags & LAST_PACKET != 0,
            first_subframe: flags & FIRST_SUBFRAME != 0,
            last_subframe: flags & LAST_SUBFRAME != 0,
            start,
        })
    }

    /// Appends the value.
    pub fn write(&self, out: &mut Vec<u8>) {
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        let flags = flag(self.last_packet, LAST_PACKET)
            | flag(self.first_subframe, FIRST_SUBFRAME)
            | flag(self.last_subframe, LAST_SUBFRAME);
        let Some(start) = self.start else { return out.push(flags) };
        let dependencies = start.dependencies();
        let [low, high] = start.frame_id.to_le_bytes();
        let depends = flag(!dependencies.is_empty(), DEPENDS);
        let first = FIRST_PACKET | flags | depends | start.temporal_layer & 7;
        out.extend_from_slice(&[first, start.spatial_layers, low, high]);
        if let (true, Some((width, height))) = (dependencies.is_empty(), start.resolution) {
            out.extend_from_slice(&width.to_be_bytes());
            out.extend_from_slice(&height.to_be_bytes());
        }
        let mut left = dependencies.iter();
        while let Some(back) = left.next() {
            let [low, _] = (back << 2).to_le_bytes();
            // 14 bits: `FrameStart::depend_on`.
            let [high, _] = (back >> 6).to_le_bytes();
            let more = flag(!left.as_slice().is_empty(), MORE);
            out.push(low | flag(high > 0, EXTENDED) | more);
            if high > 0 {
                out.push(high);
            }
        }
    }
}

/// Reads what a first packet has behind its flags.
fn parse_start(flags: u8, rest: &mut &[u8]) -> Result<FrameStart, ParseError> {
    let [spatial_layers, low, high] = take(rest)?;
    let frame_id = u16::from_le_bytes([low, high]);
    let temporal_layer = flags & 7;
    let mut start = FrameStart { temporal_layer, spatial_layers, frame_id, ..Default::default() };
    let mut more = flags & DEPENDS != 0;
    if !more && !rest.is_empty() {
        start.resolution = Some((take_u16(rest)?, take_u16(rest)?));
    }
    while more {
        let byte = take_u8(rest)?;
        let mut back = u16::from(byte >> 2);
        if byte & EXTENDED != 0 {
            back |= u16::from(take_u8(rest)?) << 6;
        }
        if !start.depend_on(back) {
            return Err(ParseError::Forbidden(u32::from(back)));
        }
        more = byte & MORE != 0;
    }
    Ok(start)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_packet_in_the_middle_has_one_byte() {
        let value = GenericFrameDescriptor::parse(&[0x30]).unwrap();
        assert!(value.first_subframe && value.last_subframe && !value.last_packet);
        assert_eq!(value.start, None);
        assert!(GenericFrameDescriptor::parse(&[0x30, 0]).is_err());
        assert!(GenericFrameDescriptor::parse(&[]).is_err());
    }

    #[test]
    fn a_first_packet_says_size_or_dependencies() {
        let key = [0xf0, 1, 0x34, 0x12, 2, 0x80, 1, 0x68];
        let start = GenericFrameDescriptor::parse(&key).unwrap().start.unwrap();
        assert_eq!((start.frame_id, start.resolution), (0x1234, Some((640, 360))));
        let delta = [0xfa, 2, 0, 0, 1 << 2 | 1, 1 << 2 | 2, 1];
        let start = GenericFrameDescriptor::parse(&delta).unwrap().start.unwrap();
        assert_eq!((start.temporal_layer, start.dependencies()), (2, &[1, 65][..]));
        for bytes in [&key[..], &delta] {
            let mut out = Vec::new();
            GenericFrameDescriptor::parse(bytes).unwrap().write(&mut out);
            assert_eq!(out, bytes);
            for len in (1..bytes.len()).filter(|len| *len != 4 || bytes[0] == 0xfa) {
                assert!(GenericFrameDescriptor::parse(&bytes[..len]).is_err(), "{len}");
            }
        }
    }

    #[test]
    fn a_frame_depends_on_at_most_eight_others() {
        let with = |count: u8, back: u8| {
            let list = (0..count).map(|i| back << 2 | u8::from(i + 1 < count));
            let bytes: Vec<u8> = [0x88, 1, 0, 0].into_iter().chain(list).collect();
            GenericFrameDescriptor::parse(&bytes).is_ok()
        };
        assert!(with(8, 1) && !with(9, 1) && !with(1, 0));
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_to_be_read_alike(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
            if let Ok(value) = GenericFrameDescriptor::parse(&bytes) {
                let mut out = Vec::new();
                value.write(&mut out);
                prop_assert_eq!(GenericFrameDescriptor::parse(&out), Ok(value));
            }
        }
    }
}
