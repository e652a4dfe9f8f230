//! What becomes of an attribute when media descriptions share a transport. RFC 8859 §4.

/// The category of an attribute in the registry of IANA (RFC 8859 §4, §15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MuxCategory {
    /// It means what it means without sharing.
    Normal,
    /// It is not advisable where a transport is shared, and its document says why.
    Caution,
    /// It is the same in all media descriptions that share.
    Identical,
    /// Its values are added up.
    Sum,
    /// That of the media description that sets up the transport counts.
    Transport,
    /// That of the attribute inside it.
    Inherit,
    /// It is the same wherever a payload type occurs.
    IdenticalPerPt,
    /// Its document says what to do.
    Special,
    /// Nobody has said yet, or the attribute is not registered.
    Tbd,
}

impl MuxCategory {
    /// Whether such an attribute stands in one media description of a bundle only, the tagged one
    /// (RFC 9143 §7.1.3).
    pub const fn only_in_tagged_section(self) -> bool {
        matches!(self, Self::Identical | Self::Transport)
    }
}
