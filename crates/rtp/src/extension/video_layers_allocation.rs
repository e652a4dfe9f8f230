//! Which layers are sent, with their bitrates: libwebrtc's video-layers-allocation00.

use crate::ParseError;
use crate::wire::{take, take_u8, take_u16};

/// The layers of all streams of a simulcast, as the sender of one of them says.
///
/// ```text
/// +---+---+-------+-------+-------+
/// |RID| NS| sl_bm |sl0_bm |sl1_bm | sl2_bm, sl3_bm   bitmasks of each stream if sl_bm is 0
/// +---+---+---+---+-------+-------+
/// |#tl|#tl|#tl|#tl|  temporal layers - 1 of each spatial layer
/// +---+---+---+---+
/// | bitrates, kbit/s, LEB128, of each temporal layer
/// +---------------+
/// | width - 1, height - 1, frame rate of each spatial layer, or nothing
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoLayersAllocation {
    /// Of 0 to 3, the stream that this is sent with.
    stream: u8,
    /// How many streams there are, 1 to 4.
    streams: u8,
    layers: Vec<SpatialLayer>,
}

/// A spatial layer that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpatialLayer {
    /// Of 0 to 3, the stream that it is in.
    pub stream: u8,
    /// Of 0 to 3, the layer in its stream.
    pub layer: u8,
    bitrates: [u64; SpatialLayer::MAX_TEMPORAL],
    temporal_layers: u8,
    /// All layers have one, or none.
    pub resolution: Option<LayerResolution>,
}

/// Size and frame rate of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerResolution {
    /// Width less one, in pixels.
    pub width_minus_1: u16,
    /// Height less one, in pixels.
    pub height_minus_1: u16,
    /// Frames a second at most.
    pub frame_rate: u8,
}

impl SpatialLayer {
    /// The most temporal layers of a spatial one.
    pub const MAX_TEMPORAL: usize = 4;
    /// The most that a bitrate can be: eight bytes of seven bits.
    pub const MAX_BITRATE: u64 = (1 << 56) - 1;

    /// A layer; `bitrates` are those of its temporal layers, each with all below it, in kbit/s.
    /// `None`: not one to four of them, or one is more than [`MAX_BITRATE`](Self::MAX_BITRATE); or
    /// a stream or layer above 3.
    pub fn new(stream: u8, layer: u8, bitrates: &[u64]) -> Option<Self> {
        let fits = bitrates.iter().all(|bitrate| *bitrate <= Self::MAX_BITRATE);
        if bitrates.is_empty() || stream > 3 || layer > 3 || !fits {
            return None;
        }
        let mut array = [0; Self::MAX_TEMPORAL];
        array.get_mut(..bitrates.len())?.copy_from_slice(bitrates);
        let temporal_layers = u8::try_from(bitrates.len()).ok()?;
        Some(Self { stream, layer, bitrates: array, temporal_layers, resolution: None })
    }

    /// What each temporal layer takes with all below it, in kbit/s.
    pub fn bitrates(&self) -> &[u64] {
        self.bitrates.get(..usize::from(self.temporal_layers)).unwrap_or_default()
    }
}

impl VideoLayersAllocation {
    /// Nothing is sent.
    pub const NONE: Self = Self { stream: 0, streams: 1, layers: Vec::new() };

    /// An allocation. `None`: the layers are not in rising order of stream and layer; or some have
    /// a resolution and some have none; or there are none; or more than four streams, or one of
    /// the layers or the allocation itself is in none of them.
    pub fn new(stream: u8, streams: u8, layers: Vec<SpatialLayer>) -> Option<Self> {
        let resolutions = layers.iter().filter(|layer| layer.resolution.is_some()).count();
        let valid = (1..=4).contains(&streams)
            && stream < streams
            && layers.is_sorted_by(|a, b| (a.stream, a.layer) < (b.stream, b.layer))
            && layers.last().is_some_and(|last| last.stream < streams)
            && layers.iter().all(|layer| layer.layer < 4)
            && (resolutions == 0 || resolutions == layers.len());
        valid.then_some(Self { stream, streams, layers })
    }

    /// Of 0 to 3, the stream that this was sent with.
    pub const fn stream(&self) -> u8 {
        self.stream
    }

    /// How many streams there are.
    pub const fn streams(&self) -> u8 {
        self.streams
    }

    /// The layers that are sent, in rising order of stream and layer.
    pub fn layers(&self) -> &[SpatialLayer] {
        &self.layers
    }

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// Truncated or too long; a bitrate of more than eight bytes; or a stream that is not there.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        if bytes == [0] {
            return Ok(Self::NONE);
        }
        let mut rest = bytes;
        let first = take_u8(&mut rest)?;
        let (stream, streams) = (first >> 6, (first >> 4 & 3).wrapping_add(1));
        let masks = parse_masks(first & 0x0f, streams, &mut rest)?;
        let mut layers = parse_layers(&masks, &mut rest)?;
        for layer in &mut layers {
            let count = usize::from(layer.temporal_layers);
            for bitrate in layer.bitrates.iter_mut().take(count) {
                *bitrate = take_leb128(&mut rest)?;
            }
        }
        if !rest.is_empty() {
            for layer in &mut layers {
                let (width_minus_1, height_minus_1) = (take_u16(&mut rest)?, take_u16(&mut rest)?);
                let frame_rate = take_u8(&mut rest)?;
                layer.resolution =
                    Some(LayerResolution { width_minus_1, height_minus_1, frame_rate });
            }
        }
        if !rest.is_empty() {
            let expected = bytes.len().wrapping_sub(rest.len());
            return Err(ParseError::Length { length: bytes.len(), expected });
        }
        Self::new(stream, streams, layers).ok_or(ParseError::Forbidden(u32::from(first)))
    }

    /// Appends the value.
    pub fn write(&self, out: &mut Vec<u8>) {
        if self.layers.is_empty() {
            return out.push(0);
        }
        let mut masks = [0_u8; 4];
        for layer in &self.layers {
            if let Some(mask) = masks.get_mut(usize::from(layer.stream)) {
                *mask |= 1_u8.wrapping_shl(u32::from(layer.layer));
            }
        }
        let [m0, m1, m2, m3] = masks;
        let head = self.stream << 6 | self.streams.wrapping_sub(1) << 4;
        if masks.iter().take(usize::from(self.streams)).all(|mask| *mask == m0) {
            out.push(head | m0);
        } else {
            out.extend_from_slice(&[head, m0 << 4 | m1]);
            if self.streams > 2 {
                out.push(m2 << 4 | m3);
            }
        }
        for four in self.layers.chunks(4) {
            let places = [6, 4, 2, 0].into_iter().zip(four);
            out.push(places.fold(0, |byte, (shift, layer)| {
                byte | (layer.temporal_layers.wrapping_sub(1) & 3) << shift
            }));
        }
        for bitrate in self.layers.iter().flat_map(SpatialLayer::bitrates) {
            write_leb128(*bitrate, out);
        }
        for resolution in self.layers.iter().filter_map(|layer| layer.resolution) {
            out.extend_from_slice(&resolution.width_minus_1.to_be_bytes());
            out.extend_from_slice(&resolution.height_minus_1.to_be_bytes());
            out.push(resolution.frame_rate);
        }
    }
}

/// Which layers each stream has, a bit each.
fn parse_masks(all: u8, streams: u8, rest: &mut &[u8]) -> Result<[u8; 4], ParseError> {
    let mut masks = [all; 4];
    if all == 0 {
        let [a] = take(rest)?;
        let [b] = if streams > 2 { take(rest)? } else { [0] };
        masks = [a >> 4, a & 0x0f, b >> 4, b & 0x0f];
    }
    let streams = usize::from(streams);
    masks.iter_mut().skip(streams).for_each(|mask| *mask = 0);
    Ok(masks)
}

/// The layers that the masks name, with their temporal layers and no bitrates yet.
fn parse_layers(masks: &[u8; 4], rest: &mut &[u8]) -> Result<Vec<SpatialLayer>, ParseError> {
    let mut layers = Vec::new();
    let (mut counts, mut left) = (0_u8, 0_u8);
    for (stream, mask) in (0..).zip(masks) {
        for layer in (0..4_u8).filter(|layer| mask.wrapping_shr(u32::from(*layer)) & 1 == 1) {
            if left == 0 {
                (counts, left) = (take_u8(rest)?, 4);
            }
            layers.push(SpatialLayer {
                stream,
                layer,
                bitrates: [0; SpatialLayer::MAX_TEMPORAL],
                temporal_layers: (counts >> 6).wrapping_add(1),
                resolution: None,
            });
            (counts, left) = (counts << 2, left.wrapping_sub(1));
        }
    }
    Ok(layers)
}

/// A number in bytes of seven bits, the low ones first; at most eight bytes.
fn take_leb128(rest: &mut &[u8]) -> Result<u64, ParseError> {
    let mut value = 0_u64;
    for shift in (0..56).step_by(7) {
        let byte = take_u8(rest)?;
        value |= u64::from(byte & 0x7f).wrapping_shl(shift);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(ParseError::Length { length: 9, expected: 8 })
}

fn write_leb128(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        let [low, ..] = value.to_le_bytes();
        out.push(low | 0x80);
        value >>= 7;
    }
    let [low, ..] = value.to_le_bytes();
    out.push(low);
}

#[cfg(test)]
mod tests;
