//! Payload types of one connection in the words of another.

use std::sync::Arc;

use peer::Codec;
use peer::rtp::PayloadType;

/// Which payload type of the sender's connection stands for each one of the receiver's. Made again
/// only when either side has negotiated anew.
#[derive(Clone, Debug)]
pub(super) struct PayloadTypes {
    from: Arc<[Codec]>,
    to: Arc<[Codec]>,
    table: [Option<PayloadType>; PayloadType::COUNT],
}

impl Default for PayloadTypes {
    fn default() -> Self {
        Self { from: Arc::default(), to: Arc::default(), table: [None; PayloadType::COUNT] }
    }
}

impl PayloadTypes {
    /// Brings the table up to date with the codecs that were agreed on both sides.
    pub(super) fn update(&mut self, from: &Arc<[Codec]>, to: &Arc<[Codec]>) {
        if Arc::ptr_eq(&self.from, from) && Arc::ptr_eq(&self.to, to) {
            return;
        }
        (self.from, self.to) = (Arc::clone(from), Arc::clone(to));
        self.table = [None; PayloadType::COUNT];
        for codec in &*self.from {
            if let Some(slot) = self.table.get_mut(codec.payload_type.index()) {
                *slot = counterpart(codec, &self.to);
            }
        }
    }

    /// `None`: the sender's other side cannot decode it.
    pub(super) fn get(&self, payload_type: PayloadType) -> Option<PayloadType> {
        self.table.get(payload_type.index()).copied().flatten()
    }
}

/// The codec of `to` that decodes what `codec` encodes: the same parameters word for word if there
/// are such, or else the same format.
fn counterpart(codec: &Codec, to: &[Codec]) -> Option<PayloadType> {
    let alike = || to.iter().filter(|other| codec.is_same_format(other));
    let exact = alike().find(|other| other.parameters == codec.parameters);
    exact.or_else(|| alike().next()).map(|other| other.payload_type)
}

#[cfg(test)]
mod tests {
    use peer::{Feedback, MediaKind};

    use super::*;

    fn codec(payload_type: u8, name: &str, parameters: &str) -> Codec {
        let (kind, clock_rate, channels) = match name {
            "opus" | "OPUS" => (MediaKind::Audio, 48_000, 2),
            "PCMU" => (MediaKind::Audio, 8000, 1),
            _ => (MediaKind::Video, 90_000, 1),
        };
        Codec {
            kind,
            payload_type: PayloadType::from_low_bits(payload_type),
            name: name.into(),
            clock_rate,
            channels,
            parameters: parameters.into(),
            feedback: Feedback::default(),
            rtx: None,
        }
    }

    fn map(from: &[Codec], to: &[Codec]) -> Vec<Option<u8>> {
        let mut types = PayloadTypes::default();
        types.update(&from.into(), &to.into());
        from.iter().map(|c| types.get(c.payload_type).map(PayloadType::get)).collect()
    }

    #[test]
    fn a_codec_is_found_under_its_other_number() {
        let from =
            [codec(96, "VP8", ""), codec(111, "opus", "useinbandfec=1"), codec(0, "PCMU", "")];
        let to = [codec(109, "OPUS", "minptime=10"), codec(120, "vp8", "")];
        assert_eq!(map(&from, &to), [Some(120), Some(109), None]);
    }

    #[test]
    fn formats_of_one_name_are_told_apart() {
        let h264 = |number, mode: u8, profile: &str| {
            codec(number, "H264", &format!("packetization-mode={mode};profile-level-id={profile}"))
        };
        let from = [h264(1, 1, "42e01f"), h264(2, 0, "42e01f"), h264(3, 1, "640c1f")];
        let to = [
            h264(11, 1, "640C34"),
            h264(12, 1, "42E028"),
            codec(13, "H264", "packetization-mode=2"),
        ];
        assert_eq!(map(&from, &to), [Some(12), None, Some(11)]);
        let from = [codec(98, "VP9", "profile-id=0"), codec(100, "VP9", "profile-id=2")];
        assert_eq!(map(&from, &[codec(35, "VP9", "")]), [Some(35), None]);
    }

    #[test]
    fn equal_words_count_more_than_order() {
        let to = [codec(1, "VP8", "max-fr=30"), codec(2, "VP8", "")];
        assert_eq!(map(&[codec(96, "VP8", "")], &to), [Some(2)]);
    }

    #[test]
    fn another_negotiation_makes_another_table() {
        let mut types = PayloadTypes::default();
        let vp8: Arc<[Codec]> = [codec(96, "VP8", "")].into();
        let before: Arc<[Codec]> = [codec(100, "VP8", "")].into();
        types.update(&vp8, &before);
        let number = vp8[0].payload_type;
        assert_eq!(types.get(number).map(PayloadType::get), Some(100));
        types.update(&vp8, &[codec(101, "VP8", "")].into());
        assert_eq!(types.get(number).map(PayloadType::get), Some(101));
        types.update(&vp8, &[].into());
        assert_eq!(types.get(number), None);
    }
}
