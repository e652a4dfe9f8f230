//! Attributes, `a=`: one file each, and [`Attribute`], the table of all. RFC 8866 §5.13.

mod candidate;
mod decimal;
mod direction;
mod extmap;
mod fingerprint;
mod fmtp;
mod group;
mod ice_options;
mod lists;
mod msid;
mod msid_semantic;
mod mux_category;
mod payload_type;
mod rid;
mod rtcp;
mod rtcp_fb;
mod rtpmap;
mod sctp_init;
mod sctpmap;
mod setup;
mod simulcast;
mod ssrc;
mod ssrc_group;
mod table;

pub use candidate::{
    Candidate, CandidateAddress, CandidateKind, RelatedAddress, TcpType, Transport,
};
pub use decimal::Decimal;
pub use direction::Direction;
pub use extmap::Extmap;
pub use fingerprint::Fingerprint;
pub use fmtp::Fmtp;
pub use group::Group;
pub use ice_options::IceOptions;
pub use msid::Msid;
pub use msid_semantic::MsidSemantic;
pub use mux_category::MuxCategory;
pub use payload_type::PayloadType;
pub use rid::{Rid, RidDirection};
pub use rtcp::Rtcp;
pub use rtcp_fb::{Feedback, RtcpFb};
pub use rtpmap::Rtpmap;
pub use sctp_init::SctpInit;
pub use sctpmap::Sctpmap;
pub use setup::{ConnectionReuse, Setup};
pub use simulcast::{Simulcast, SimulcastRid, SimulcastStream};
pub use ssrc::{Ssrc, SsrcAttribute};
pub use ssrc_group::SsrcGroup;
pub use table::{Attribute, UnknownAttribute};

use lists::{join, parameters};
