//! What a frame depends on, and for whom it is.

use core::fmt;

use super::bits::{BitReader, BitWriter};
use crate::ParseError;

/// What a frame depends on, and for whom it is: of a template, or of the frame itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameDependencies {
    /// Of 0 to 3, the spatial layer.
    pub spatial_id: u8,
    /// Of 0 to 7, the temporal layer.
    pub temporal_id: u8,
    /// What the frame is to each decode target.
    pub indications: Indications,
    /// The frames that it depends on, by how many frame numbers they are back: 1 to 4096.
    pub frame_diffs: Vec<u16>,
    /// For each chain, how many frame numbers the last frame in it is back; 0: there was none.
    pub chain_diffs: Vec<u8>,
}

/// What a frame is to a decode target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indication {
    /// It is not needed.
    NotPresent,
    /// It is part of it, and no frame of it depends on this one.
    Discardable,
    /// It is part of it, and whoever decodes this frame can go on with the target.
    Switch,
    /// It is part of it.
    Required,
}

/// What a frame is to each decode target, at most 32.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Indications {
    /// Two bits each, the first one highest.
    bits: u64,
    count: u8,
}

impl Indications {
    /// The most decode targets.
    pub const MAX: u8 = 32;

    /// Indications target by target, the first 32 of them.
    pub fn new(indications: impl IntoIterator<Item = Indication>) -> Self {
        let mut all = Self::default();
        for indication in indications.into_iter().take(usize::from(Self::MAX)) {
            let bits = match indication {
                Indication::NotPresent => 0,
                Indication::Discardable => 1,
                Indication::Switch => 2,
                Indication::Required => 3,
            };
            all.count = all.count.wrapping_add(1);
            all.bits |= bits << all.shift(all.count.wrapping_sub(1));
        }
        all
    }

    /// Target by target.
    pub fn iter(&self) -> impl Iterator<Item = Indication> + Clone + use<> {
        let all = *self;
        (0..all.count).map(move |target| match all.two_bits(target) {
            0 => Indication::NotPresent,
            1 => Indication::Discardable,
            2 => Indication::Switch,
            _ => Indication::Required,
        })
    }

    /// What the frame is to one target; `None`: there is no such target.
    pub fn get(&self, target: u8) -> Option<Indication> {
        self.iter().nth(usize::from(target))
    }

    pub(super) fn read(reader: &mut BitReader<'_>, count: u8) -> Result<Self, ParseError> {
        let mut all = Self { bits: 0, count };
        for target in 0..count {
            all.bits |= u64::from(reader.bits(2)?) << all.shift(target);
        }
        Ok(all)
    }

    /// Writes `count` of them; those that are missing are [`Indication::NotPresent`].
    pub(super) fn write(&self, writer: &mut BitWriter<'_>, count: u8) {
        (0..count).for_each(|target| writer.bits(self.two_bits(target), 2));
    }

    fn two_bits(&self, target: u8) -> u8 {
        let [.., low] = self.bits.wrapping_shr(self.shift(target)).to_be_bytes();
        low & 3
    }

    fn shift(&self, target: u8) -> u32 {
        62_u32.saturating_sub(u32::from(target) << 1)
    }
}

impl fmt::Debug for Indications {
    /// As the specification writes them: `S-DR`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|indication| {
            f.write_str(match indication {
                Indication::NotPresent => "-",
                Indication::Discardable => "D",
                Indication::Switch => "S",
                Indication::Required => "R",
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indications_are_shown_as_letters() {
        let list = [
            Indication::Switch,
            Indication::NotPresent,
            Indication::Discardable,
            Indication::Required,
        ];
        let all = Indications::new(list);
        assert_eq!(format!("{all:?}"), "S-DR");
        assert_eq!((all.get(3), all.get(4)), (Some(Indication::Required), None));
        let most = Indications::new([Indication::Required; 40]);
        assert_eq!(most.iter().count(), 32);
        assert_eq!(most.get(31), Some(Indication::Required));
    }
}
