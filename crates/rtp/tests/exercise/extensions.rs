//! Values of header extensions: refused, or read again as they were when they were written.

use crate::rtp::extension::{
    AbsoluteCaptureTime, AbsoluteSendTime, AudioLevel, ColorSpace, CorruptionDetection,
    CsrcAudioLevels, DependencyDescriptor, GenericFrameDescriptor, Mandatory, Mid, PlayoutDelay,
    RepairedRtpStreamId, RtpStreamId, TemplateStructure, TransmissionOffset,
    TransportSequenceNumber, TransportSequenceNumber2, VideoContentType, VideoFrameTrackingId,
    VideoLayersAllocation, VideoOrientation, VideoTiming,
};

/// The same bytes as a value of each kind.
pub(crate) fn any(bytes: &[u8]) {
    macro_rules! fixed {
        ($($kind:ident),+) => {$(
            if let Ok(value) = $kind::parse(bytes) {
                assert_eq!($kind::parse(&value.to_bytes()), Ok(value));
            }
        )+};
    }
    macro_rules! growing {
        ($($kind:ident),+) => {$(
            if let Ok(value) = $kind::parse(bytes) {
                let mut out = Vec::new();
                value.write(&mut out);
                assert!(out.len() <= 255.max(bytes.len()));
                // A level may come with a bit that is not part of it.
                let mut twice = Vec::new();
                assert!($kind::parse(&out).map(|again| again.write(&mut twice)).is_ok());
                assert_eq!(out, twice);
            }
        )+};
    }
    macro_rules! names {
        ($($kind:ident),+) => {$(
            if let Ok(name) = $kind::parse(bytes) {
                assert_eq!($kind::parse(name.as_str().as_bytes()), Ok(name));
            }
        )+};
    }
    fixed!(
        AbsoluteSendTime,
        AudioLevel,
        PlayoutDelay,
        TransmissionOffset,
        TransportSequenceNumber,
        VideoContentType,
        VideoFrameTrackingId,
        VideoOrientation,
        VideoTiming
    );
    growing!(
        AbsoluteCaptureTime,
        ColorSpace,
        CorruptionDetection,
        CsrcAudioLevels,
        GenericFrameDescriptor,
        TransportSequenceNumber2,
        VideoLayersAllocation
    );
    names!(Mid, RtpStreamId, RepairedRtpStreamId);
    descriptors(bytes);
}

/// A stream of dependency descriptors, each behind its length, so that structures are kept.
pub(crate) fn descriptors(mut bytes: &[u8]) {
    let mut known = descriptor(bytes, None);
    while let Some((&len, rest)) = bytes.split_first() {
        let (value, rest) = rest.split_at(usize::from(len).min(rest.len()));
        known = descriptor(value, known.as_ref()).or(known);
        bytes = rest;
    }
}

/// Reads one, and returns the structure that it brings.
fn descriptor(bytes: &[u8], known: Option<&TemplateStructure>) -> Option<TemplateStructure> {
    let value = DependencyDescriptor::parse(bytes, known).ok()?;
    assert_eq!(Mandatory::parse(&value.mandatory.to_bytes()), Ok(value.mandatory));
    let mut out = Vec::new();
    value.write(known, &mut out);
    assert_eq!(DependencyDescriptor::parse(&out, known).as_ref(), Ok(&value));
    value.structure
}
