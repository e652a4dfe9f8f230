//! RTCP packets, one file each: RFC 3550 §6, and those that others added.
//!
//! ```
//! use patchcord_rtp::Ssrc;
//! use patchcord_rtp::rtcp::{self, Packet, Pli};
//!
//! // A compound packet is one behind the other.
//! let mut out = Vec::new();
//! Pli { sender_ssrc: Ssrc(1), media_ssrc: Ssrc(2) }.write(&mut out);
//!
//! for packet in rtcp::packets(&out) {
//!     if let Packet::Pli(pli) = packet? {
//!         assert_eq!(pli.media_ssrc, Ssrc(2));
//!     }
//! }
//! # Ok::<(), patchcord_rtp::ParseError>(())
//! ```

mod application_defined;
mod compound;
mod extended_report;
mod fir;
mod frame;
mod goodbye;
mod list;
mod nack;
mod packet;
mod pli;
mod receiver_report;
mod remb;
mod report_block;
mod sender_report;
mod source_description;
mod transport_feedback;

pub use application_defined::ApplicationDefined;
pub use compound::{Compound, packets};
pub use extended_report::{DelaySinceReference, ExtendedReport, ReportKind};
pub use fir::{Fir, FirEntry};
pub use frame::{Frame, Frames, PacketType};
pub use goodbye::Goodbye;
pub use list::List;
pub use nack::{Nack, NackEntry};
pub use packet::Packet;
pub use pli::Pli;
pub use receiver_report::ReceiverReport;
pub use remb::Remb;
pub use report_block::ReportBlock;
pub use sender_report::SenderReport;
pub use source_description::{SdesChunk, SdesItem, SdesKind, SourceDescription};
pub use transport_feedback::{Statuses, TransportFeedback};
