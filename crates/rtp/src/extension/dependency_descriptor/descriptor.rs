//! What each packet says of its frame.

use super::bits::{BitReader, BitWriter};
use super::frame::{FrameDependencies, Indications};
use super::structure::TemplateStructure;
use crate::ParseError;
use crate::wire::take;

/// What a packet says of its frame, with what its template says.
///
/// ```text
/// +-+-+-----------+-------------------------------+
/// |S|E|template id|         frame number          |  S: first packet of the frame, E: last
/// +-+-+-+-+-+-----+-------------------------------+
/// |T|A|I|F|C|  structure if T, active targets if A, indications if I, frame diffs if F, chain
/// +-+-+-+-+-+  diffs if C, zeros up to a whole byte
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependencyDescriptor {
    /// What every packet says.
    pub mandatory: Mandatory,
    /// A structure that begins with this frame.
    pub structure: Option<TemplateStructure>,
    /// A bit for each decode target that is sent, the lowest for the first one. `None`: as before;
    /// where a structure begins, all of them.
    pub active_decode_targets: Option<u32>,
    /// What the frame depends on. `None`: the structure that it refers to is not known.
    pub frame: Option<FrameDependencies>,
}

/// What every packet says, in the first three bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mandatory {
    /// The first packet of its frame.
    pub first_packet: bool,
    /// The last packet of its frame.
    pub last_packet: bool,
    /// Six bits: the template that says what the frame is.
    pub template_id: u8,
    /// One more with each frame. It wraps.
    pub frame_number: u16,
}

impl Mandatory {
    /// Bytes on the wire.
    pub const LEN: usize = 3;

    /// Reads the beginning of a value.
    ///
    /// # Errors
    ///
    /// Truncated.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let [first, high, low] = take(&mut &*bytes)?;
        Ok(Self {
            first_packet: first & 0x80 != 0,
            last_packet: first & 0x40 != 0,
            template_id: first & 0x3f,
            frame_number: u16::from_be_bytes([high, low]),
        })
    }

    /// As on the wire; the rest of a value stays as it was.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let [high, low] = self.frame_number.to_be_bytes();
        let first = if self.first_packet { 0x80 } else { 0 };
        let last = if self.last_packet { 0x40 } else { 0 };
        [first | last | self.template_id & 0x3f, high, low]
    }
}

impl DependencyDescriptor {
    /// Reads a value; `known` is the structure that came last.
    ///
    /// # Errors
    ///
    /// Truncated; a structure of more than 64 templates, 4 spatial or 8 temporal layers; or a
    /// template that the structure does not have.
    pub fn parse(bytes: &[u8], known: Option<&TemplateStructure>) -> Result<Self, ParseError> {
        let mandatory = Mandatory::parse(bytes)?;
        let mut descriptor =
            Self { mandatory, structure: None, active_decode_targets: None, frame: None };
        let extended = bytes.get(Mandatory::LEN..).unwrap_or_default();
        let mut reader = BitReader::new(extended);
        let mut flags = [false; 5];
        if !extended.is_empty() {
            for flag in &mut flags {
                *flag = reader.flag()?;
            }
        }
        let [with_structure, with_targets, with_indications, with_frames, with_chains] = flags;
        if with_structure {
            descriptor.structure = Some(TemplateStructure::read(&mut reader)?);
        }
        let Some(structure) = descriptor.structure.as_ref().or(known) else {
            return Ok(descriptor);
        };
        if with_targets {
            let targets = u32::from(structure.decode_targets());
            // The bits are sent from the last target to the first.
            descriptor.active_decode_targets = Some(reader.bits(targets)?);
        }
        let unknown = ParseError::Forbidden(u32::from(mandatory.template_id));
        let mut frame = structure.template(mandatory.template_id).ok_or(unknown)?.clone();
        if with_indications {
            frame.indications = Indications::read(&mut reader, structure.decode_targets())?;
        }
        if with_frames {
            frame.frame_diffs = read_frame_diffs(&mut reader)?;
        }
        if with_chains {
            for diff in &mut frame.chain_diffs {
                *diff = reader.byte(8)?;
            }
        }
        descriptor.frame = Some(frame);
        Ok(descriptor)
    }

    /// Appends the value; `known` is the structure that came last. What differs from the template
    /// is written out; where the template is not known, the mandatory part is all.
    ///
    /// Layers are those of the template. Frame diffs of 0 are written as 1, those above 4096 as
    /// 4096.
    pub fn write(&self, known: Option<&TemplateStructure>, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.mandatory.to_bytes());
        let Some(structure) = self.structure.as_ref().or(known) else { return };
        let Some(template) = structure.template(self.mandatory.template_id) else { return };
        let frame = self.frame.as_ref().unwrap_or(template);
        let flags = [
            self.structure.is_some(),
            self.active_decode_targets.is_some(),
            frame.indications != template.indications,
            frame.frame_diffs != template.frame_diffs,
            frame.chain_diffs != template.chain_diffs,
        ];
        let [_, _, with_indications, with_frames, with_chains] = flags;
        if flags == [false; 5] {
            return;
        }
        let mut writer = BitWriter::new(out);
        flags.iter().for_each(|flag| writer.bits(*flag, 1));
        if let Some(structure) = &self.structure {
            structure.write(&mut writer);
        }
        if let Some(targets) = self.active_decode_targets {
            writer.bits(targets, u32::from(structure.decode_targets()));
        }
        if with_indications {
            frame.indications.write(&mut writer, structure.decode_targets());
        }
        if with_frames {
            write_frame_diffs(&frame.frame_diffs, &mut writer);
        }
        if with_chains {
            let diffs = frame.chain_diffs.iter().chain(core::iter::repeat(&0));
            diffs.take(usize::from(structure.chains())).for_each(|diff| writer.bits(*diff, 8));
        }
    }
}

/// Each diff behind its own length in units of four bits; a length of 0 ends them.
fn read_frame_diffs(reader: &mut BitReader<'_>) -> Result<Vec<u16>, ParseError> {
    let mut diffs = Vec::new();
    loop {
        let length = reader.bits(2)?;
        if length == 0 {
            return Ok(diffs);
        }
        let diff = reader.bits(length << 2)?;
        // Twelve bits at most.
        diffs.push(u16::try_from(diff).unwrap_or_default().wrapping_add(1));
    }
}

fn write_frame_diffs(diffs: &[u16], writer: &mut BitWriter<'_>) {
    for diff in diffs {
        let value = diff.saturating_sub(1).min(0x0fff);
        let length: u8 = match value {
            0..=0x0f => 1,
            0x10..=0xff => 2,
            _ => 3,
        };
        writer.bits(length, 2);
        writer.bits(value, u32::from(length) << 2);
    }
    writer.bits(0_u8, 2);
}
