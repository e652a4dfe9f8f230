//! The ids that stand for header extensions in one media section, both ways.

use rtp::extension::Kind;

/// Ids of the one-byte form are looked up in a table, the rare others in a list.
#[derive(Clone, Debug, Default)]
pub(super) struct ExtensionIds {
    by_id: [Option<Kind>; Self::ONE_BYTE],
    others: Vec<(u8, Kind)>,
    /// Zero: not agreed on.
    by_kind: [u8; Kind::ALL.len()],
}

impl ExtensionIds {
    /// RFC 8285 §4.2: 1 to 14.
    const ONE_BYTE: usize = 15;

    pub(super) fn new(agreed: &[(u8, Kind)]) -> Self {
        let mut ids = Self::default();
        for &(id, kind) in agreed {
            match ids.by_id.get_mut(usize::from(id)) {
                Some(slot) => *slot = Some(kind),
                None => ids.others.push((id, kind)),
            }
            if let Some(slot) = ids.by_kind.get_mut(kind as usize) {
                *slot = id;
            }
        }
        ids
    }

    pub(super) fn kind(&self, id: u8) -> Option<Kind> {
        match self.by_id.get(usize::from(id)) {
            Some(kind) => *kind,
            None => self.others.iter().find(|other| other.0 == id).map(|other| other.1),
        }
    }

    pub(super) fn id(&self, kind: Kind) -> Option<u8> {
        self.by_kind.get(kind as usize).copied().filter(|id| *id != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_both_ways() {
        let ids = ExtensionIds::new(&[(3, Kind::Mid), (200, Kind::VideoTiming)]);
        assert_eq!((ids.kind(3), ids.kind(200)), (Some(Kind::Mid), Some(Kind::VideoTiming)));
        assert_eq!((ids.kind(4), ids.kind(201)), (None, None));
        assert_eq!((ids.id(Kind::Mid), ids.id(Kind::VideoTiming)), (Some(3), Some(200)));
        assert_eq!(ids.id(Kind::AudioLevel), None);
    }
}
