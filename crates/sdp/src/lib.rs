//! Session descriptions (SDP) for WebRTC: text to types and back. Text is borrowed, attributes are
//! typed, their order and all that is not understood is kept, and a line that cannot be read is
//! named with its number and the reason.
//!
//! - [x] RFC 8866 SDP; RFC 4566 and RFC 2327 as they are met
//! - [x] RFC 3264 directions, rejected media
//! - [x] RFC 8839 ICE; RFC 6544 TCP candidates; RFC 8840 end of candidates; names instead of
//!   addresses (draft-ietf-mmusic-mdns-ice-candidates)
//! - [x] RFC 8122 fingerprints; RFC 4145 and RFC 8842 `setup`, `connection`, `tls-id`
//! - [x] RFC 5888 `mid`, `group`; RFC 9143 BUNDLE; RFC 8859 categories of attributes
//! - [x] RFC 8841 data channels; the drafts before it (`DTLS/SCTP`, `sctpmap`); `sctp-init`
//! - [x] RFC 8830 `msid`; the drafts before it (`msid-semantic`)
//! - [x] RFC 8851 and RFC 8853 `rid`, `simulcast`; RFC 8852 and RFC 8285 header extensions,
//!   RFC 6904 encrypted ones; RFC 9335 `cryptex`
//! - [x] RFC 4585, RFC 5104, RFC 8888 feedback; RFC 3605, RFC 5761, RFC 8858, RFC 5506 RTCP;
//!   RFC 3611 `rtcp-xr` as text
//! - [x] RFC 5576 sources and their groups
//! - [x] RFC 3556, RFC 3890 bandwidth
//! - [x] RFC 8827 `identity`, RFC 6236 `imageattr`: as text
//! - [ ] RFC 8840 §9 fragments (`application/trickle-ice-sdpfrag`)
//! - [ ] RFC 8864 data channels in SDP
//!
//! ```
//! use patchcord_sdp::attribute::{Candidate, Fingerprint, Group, IceOptions, Setup};
//! use patchcord_sdp::{Attribute, Media, Origin, Session};
//!
//! // One side offers data channels,
//! let mut media = Media::data_channels();
//! media
//!     .push(Candidate::host("1", 2_130_706_431, "192.0.2.2:46715".parse()?))
//!     .push(Attribute::IceUfrag("SKRj".into()))
//!     .push(Attribute::IcePwd("6kcOBAvzGI49hgFH49vyDAGb".into()))
//!     .push(IceOptions::from_iter(["trickle"]))
//!     .push(Fingerprint::new("sha-256", &[0x5a; 32]))
//!     .push(Setup::ActPass)
//!     .push(Attribute::Mid("0".into()))
//!     .push(Attribute::SctpPort(5000));
//! let mut offer = Session::new(Origin::anonymous(5220609228011712859, 1));
//! offer.push(Group::bundle(["0"]));
//! offer.media.push(media);
//! let text = offer.to_string();
//!
//! // and the other reads the offer.
//! let offer = Session::parse(&text)?;
//! for section in offer.sections() {
//!     assert_eq!(section.media.mid(), Some("0"));
//!     assert_eq!(section.ice_ufrag(), Some("SKRj"));
//!     assert_eq!(section.setup(), Some(Setup::ActPass));
//!     assert_eq!(section.media.candidates().count(), 1);
//! }
//! assert_eq!(offer.to_string(), text);
//!
//! let error = Session::parse("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nm=audio 70000 RTP/AVP 0\r\n");
//! assert_eq!(error.unwrap_err().to_string(), "line 4: m=: port 70000 is not in 0..=65535");
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! What a parser allocates is proportional to the text: bound the text before it, where it comes
//! from a stranger.
//!
//! | module | what |
//! |---|---|
//! | `session` | [`Session`], [`Section`]: a media description with what the session says for it |
//! | `media` | [`Media`] |
//! | [`attribute`] | [`Attribute`], the table; a file each for the types in it |
//! | `origin`, `connection`, `bandwidth`, `time` | the lines before the attributes |
//! | `text` | [`Text`], [`Token`]: strings that cannot break out of their place |
//! | `error` | [`ParseError`], [`Reason`] |
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

pub mod attribute;
mod bandwidth;
mod connection;
mod error;
mod fields;
mod media;
mod origin;
mod own;
mod session;
mod text;
mod time;
mod write;

pub use attribute::{Attribute, Candidate};
pub use bandwidth::{Bandwidth, BandwidthKind};
pub use connection::{AddressType, Connection};
pub use error::{ParseError, Reason};
pub use media::{Media, MediaKind, protocol};
pub use origin::Origin;
pub use session::{Section, Session};
pub use text::{Text, Token};
pub use time::Time;
