//! The templates that descriptors refer to.

use super::bits::{BitReader, BitWriter};
use super::frame::{FrameDependencies, Indications};
use crate::ParseError;

/// The structure of a stream: kinds of frames, and what there is to decode. A key frame brings it,
/// and it holds until the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateStructure {
    /// The id of the first template.
    offset: u8,
    /// 1 to 32.
    decode_targets: u8,
    chains: u8,
    /// For each decode target; with chains only.
    protected_by: Vec<u8>,
    templates: Vec<FrameDependencies>,
    /// For each spatial layer, or none.
    resolutions: Vec<Resolution>,
}

/// The size of a spatial layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Width less one, in pixels.
    pub width_minus_1: u16,
    /// Height less one, in pixels.
    pub height_minus_1: u16,
}

impl TemplateStructure {
    /// The most templates.
    pub const MAX_TEMPLATES: usize = 64;

    /// The template of an id, which a descriptor refers to.
    pub fn template(&self, id: u8) -> Option<&FrameDependencies> {
        self.templates.get(usize::from(id.wrapping_sub(self.offset) & 63))
    }

    /// All templates, in rising order of spatial and temporal layer.
    pub fn templates(&self) -> &[FrameDependencies] {
        &self.templates
    }

    /// How many decode targets there are: 1 to 32.
    pub const fn decode_targets(&self) -> u8 {
        self.decode_targets
    }

    /// How many chains there are, not more than decode targets.
    pub const fn chains(&self) -> u8 {
        self.chains
    }

    /// The chain that protects a decode target. `None`: none does.
    pub fn protected_by(&self, target: u8) -> Option<u8> {
        // The number after the last chain means none.
        self.protected_by.get(usize::from(target)).copied().filter(|chain| *chain < self.chains)
    }

    /// The size of a spatial layer, if it is known.
    pub fn resolution(&self, spatial_id: u8) -> Option<Resolution> {
        self.resolutions.get(usize::from(spatial_id)).copied()
    }

    pub(super) fn read(reader: &mut BitReader<'_>) -> Result<Self, ParseError> {
        let offset = reader.byte(6)?;
        let decode_targets = reader.byte(5)?.wrapping_add(1);
        let mut templates = read_layers(reader)?;
        for template in &mut templates {
            template.indications = Indications::read(reader, decode_targets)?;
        }
        for template in &mut templates {
            while reader.flag()? {
                template.frame_diffs.push(u16::from(reader.byte(4)?).wrapping_add(1));
            }
        }
        let chains = reader.non_symmetric(decode_targets.wrapping_add(1))?;
        let mut protected_by = Vec::new();
        if chains > 0 {
            for _ in 0..decode_targets {
                protected_by.push(reader.non_symmetric(chains.wrapping_add(1))?);
            }
            for template in &mut templates {
                for _ in 0..chains {
                    template.chain_diffs.push(reader.byte(4)?);
                }
            }
        }
        let mut resolutions = Vec::new();
        if reader.flag()? {
            // Templates are in order: the last one has the highest layer.
            let highest = templates.last().map_or(0, |template| template.spatial_id);
            for _ in 0..=highest {
                let mut size = || reader.bits(16).map(|n| u16::try_from(n).unwrap_or_default());
                resolutions.push(Resolution { width_minus_1: size()?, height_minus_1: size()? });
            }
        }
        Ok(Self { offset, decode_targets, chains, protected_by, templates, resolutions })
    }

    pub(super) fn write(&self, writer: &mut BitWriter<'_>) {
        writer.bits(self.offset, 6);
        writer.bits(self.decode_targets.wrapping_sub(1), 5);
        for pair in self.templates.windows(2) {
            let [before, next] = pair else { continue };
            let step: u8 = match next {
                next if next.spatial_id != before.spatial_id => 2,
                next if next.temporal_id != before.temporal_id => 1,
                _ => 0,
            };
            writer.bits(step, 2);
        }
        writer.bits(3_u8, 2);
        for template in &self.templates {
            template.indications.write(writer, self.decode_targets);
        }
        for template in &self.templates {
            for diff in &template.frame_diffs {
                writer.bits(1_u8, 1);
                writer.bits(diff.wrapping_sub(1), 4);
            }
            writer.bits(0_u8, 1);
        }
        writer.non_symmetric(self.chains, self.decode_targets.wrapping_add(1));
        for chain in &self.protected_by {
            writer.non_symmetric(*chain, self.chains.wrapping_add(1));
        }
        for diff in self.templates.iter().flat_map(|template| &template.chain_diffs) {
            writer.bits(*diff, 4);
        }
        writer.bits(!self.resolutions.is_empty(), 1);
        for resolution in &self.resolutions {
            writer.bits(resolution.width_minus_1, 16);
            writer.bits(resolution.height_minus_1, 16);
        }
    }
}

/// The templates with their layers and nothing else yet.
fn read_layers(reader: &mut BitReader<'_>) -> Result<Vec<FrameDependencies>, ParseError> {
    let mut templates = Vec::new();
    let (mut spatial_id, mut temporal_id) = (0_u8, 0_u8);
    loop {
        if templates.len() == TemplateStructure::MAX_TEMPLATES || spatial_id > 3 || temporal_id > 7
        {
            return Err(ParseError::Forbidden(u32::from(spatial_id.max(temporal_id))));
        }
        templates.push(FrameDependencies { spatial_id, temporal_id, ..Default::default() });
        match reader.bits(2)? {
            0 => {}
            1 => temporal_id = temporal_id.wrapping_add(1),
            2 => (spatial_id, temporal_id) = (spatial_id.wrapping_add(1), 0),
            _ => return Ok(templates),
        }
    }
}
