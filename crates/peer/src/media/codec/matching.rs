//! When two codecs are the same, and what an answer makes of an offered one. RFC 3264 §6.1, and the
//! rules of each payload format.

use super::{Codec, h264};

/// Formats that carry no media of their own: a section with nothing else is useless.
const AUXILIARY: [&str; 6] = ["red", "ulpfec", "flexfec-03", "CN", "telephone-event", "rtx"];

impl Codec {
    /// Whether a decoder of one understands what an encoder of the other sends. Payload types,
    /// feedback, levels and what a decoder wishes for may differ; names and what splits a format
    /// into several, such as `packetization-mode` of H.264, may not.
    pub fn is_same_format(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.name.eq_ignore_ascii_case(&other.name)
            && self.clock_rate == other.clock_rate
            && self.channels == other.channels
            && has_same_parameters(self, other)
    }
}

/// Whether it carries media, and not only repairs, comforts or dials.
pub(crate) fn carries_media(codec: &Codec) -> bool {
    !AUXILIARY.iter().any(|name| name.eq_ignore_ascii_case(&codec.name))
}

/// What must be alike beside name and clock rate.
fn has_same_parameters(a: &Codec, b: &Codec) -> bool {
    let alike = |name, assumed| {
        let value = |codec: &Codec| codec.parameter(name).unwrap_or(assumed).to_owned();
        value(a) == value(b)
    };
    match a.name.to_ascii_lowercase().as_str() {
        "h264" => h264::is_same(a, b),
        // RFC 9628 §6.1.
        "vp9" => alike("profile-id", "0"),
        // AV1 RTP specification §7.2.1.
        "av1" => alike("profile", "0"),
        _ => true,
    }
}

/// Our codec as it answers the same one of an offer: with the offer's numbers, and the feedback
/// and the retransmissions that both understand.
pub(crate) fn answered(ours: &Codec, theirs: &Codec) -> Codec {
    let parameters = match ours.name.to_ascii_lowercase().as_str() {
        "h264" => h264::answered(ours, theirs),
        // The payload types inside are the offer's, too (RFC 2198 §5).
        "red" => theirs.parameters.clone(),
        _ => ours.parameters.clone(),
    };
    Codec {
        payload_type: theirs.payload_type,
        parameters,
        feedback: ours.feedback.intersection(theirs.feedback),
        rtx: theirs.rtx.filter(|_| ours.rtx.is_some()),
        ..ours.clone()
    }
}

#[cfg(test)]
mod tests {
    use rtp::PayloadType;

    use super::*;
    use crate::media::{Feedback, MediaKind};

    fn codec(name: &str, parameters: &str) -> Codec {
        Codec {
            kind: MediaKind::Video,
            payload_type: PayloadType::default(),
            name: name.into(),
            clock_rate: 90_000,
            channels: 1,
            parameters: parameters.into(),
            feedback: Feedback::default(),
            rtx: None,
        }
    }

    #[test]
    fn codecs_are_the_same_by_the_rules_of_their_format() {
        let same = [
            ("VP8", "", "vp8", "max-fs=12288;max-fr=60"),
            ("VP9", "", "VP9", "profile-id=0"),
            ("AV1", "level-idx=5;profile=0;tier=0", "AV1", ""),
            ("H264", "profile-level-id=42e01f", "H264", "profile-level-id=42c02a"),
            ("H264", "", "H264", "packetization-mode=0; Profile-Level-Id=42E01F"),
        ];
        let different = [
            ("VP8", "", "VP9", ""),
            ("VP9", "", "VP9", "profile-id=2"),
            ("AV1", "profile=1", "AV1", ""),
            ("H264", "profile-level-id=42e01f", "H264", "profile-level-id=42001f"),
            ("H264", "profile-level-id=nonsense", "H264", "profile-level-id=nonsense"),
            ("H264", "packetization-mode=1", "H264", ""),
            ("H264", "packetization-mode=1", "H264", "packetization-mode=2"),
        ];
        for (a, x, b, y) in same {
            assert!(codec(a, x).is_same_format(&codec(b, y)), "{a} {x}, {b} {y}");
        }
        for (a, x, b, y) in different {
            assert!(!codec(a, x).is_same_format(&codec(b, y)), "{a} {x}, {b} {y}");
        }
    }

    #[test]
    fn an_answer_has_its_own_level_only_if_both_allow_it() {
        let ours = |asymmetry| {
            codec("H264", &format!("level-asymmetry-allowed={asymmetry};profile-level-id=42e01f"))
        };
        let theirs = |asymmetry, id| {
            codec("H264", &format!("level-asymmetry-allowed={asymmetry};profile-level-id={id}"))
        };
        for (allowed, asked, id, answer) in [
            (1, 1, "42e015", "42e01f"),
            (1, 0, "42e015", "42e015"),
            (0, 1, "42e034", "42e01f"),
            (0, 0, "42f00b", "42f00b"),
        ] {
            let answered = answered(&ours(allowed), &theirs(asked, id)).parameters;
            let expected = format!("level-asymmetry-allowed={allowed};profile-level-id={answer}");
            assert_eq!(answered, expected);
        }
    }
}
