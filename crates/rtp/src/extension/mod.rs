//! Header extensions, RFC 8285: the block in a packet, and what its values say, one file each.
//!
//! ```
//! use patchcord_rtp::extension::{AudioLevel, TransportSequenceNumber};
//! use patchcord_rtp::{Header, Packet, SequenceNumber};
//!
//! // The ids are what the session description says.
//! let level = AudioLevel { voice: true, level: 30 }.to_bytes();
//! let number = TransportSequenceNumber(SequenceNumber(7)).to_bytes();
//! let mut out = Vec::new();
//! Header::default().write([(1, &level[..]), (3, &number[..])].into_iter(), &mut out);
//!
//! let packet = Packet::parse(&out)?;
//! let value = packet.extensions.get(1).unwrap_or_default();
//! assert_eq!(AudioLevel::parse(value)?.level, 30);
//! # Ok::<(), patchcord_rtp::ParseError>(())
//! ```

mod absolute_capture_time;
mod absolute_send_time;
mod audio_level;
mod block;
mod color_space;
mod corruption_detection;
mod csrc_audio_levels;
mod dependency_descriptor;
mod generic_frame_descriptor;
mod kind;
mod names;
mod playout_delay;
mod transmission_offset;
mod transport_sequence_number;
mod video_content_type;
mod video_frame_tracking_id;
mod video_layers_allocation;
mod video_orientation;
mod video_timing;

pub use absolute_capture_time::AbsoluteCaptureTime;
pub use absolute_send_time::AbsoluteSendTime;
pub use audio_level::AudioLevel;
pub(crate) use block::Block;
pub use block::{Elements, Extensions};
pub use color_space::{ChromaSiting, Chromaticity, ColorSpace, HdrMetadata, Range};
pub use corruption_detection::{CorruptionDetection, Samples};
pub use csrc_audio_levels::CsrcAudioLevels;
pub use dependency_descriptor::{
    DependencyDescriptor, FrameDependencies, Indication, Indications, Mandatory, Resolution,
    TemplateStructure,
};
pub use generic_frame_descriptor::{FrameStart, GenericFrameDescriptor};
pub use kind::Kind;
pub use names::{Mid, RepairedRtpStreamId, RtpStreamId};
pub use playout_delay::PlayoutDelay;
pub use transmission_offset::TransmissionOffset;
pub use transport_sequence_number::{
    FeedbackRequest, TransportSequenceNumber, TransportSequenceNumber2,
};
pub use video_content_type::VideoContentType;
pub use video_frame_tracking_id::VideoFrameTrackingId;
pub use video_layers_allocation::{LayerResolution, SpatialLayer, VideoLayersAllocation};
pub use video_orientation::{Camera, Rotation, VideoOrientation};
pub use video_timing::VideoTiming;
