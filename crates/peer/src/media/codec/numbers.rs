//! Payload types and ids of header extensions. Within a connection they stay what they were
//! (RFC 3264 §8.3.2, RFC 8285 §6), and mean the same in all bundled sections (RFC 9143 §9.1).

use rtp::PayloadType;
use rtp::extension::Kind;

use super::Codec;
use super::table::preferred_id;

/// The numbers that are in use.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    codecs: Vec<Codec>,
    extensions: Vec<(u8, Kind)>,
}

impl Numbers {
    /// Takes note of a codec with the numbers that it has.
    pub(crate) fn keep_codec(&mut self, codec: &Codec) {
        match self.codecs.iter_mut().find(|known| known.payload_type == codec.payload_type) {
            Some(known) => known.rtx = known.rtx.or(codec.rtx),
            None => self.codecs.push(codec.clone()),
        }
    }

    /// Takes note of a header extension with the id that it has.
    pub(crate) fn keep_extension(&mut self, id: u8, kind: Kind) {
        if !self.extensions.contains(&(id, kind)) {
            self.extensions.push((id, kind));
        }
    }

    /// The codec with the number that it has in its section, or in another one; else with its own,
    /// or with another if that is taken. `None`: no number is left.
    pub(crate) fn codec(&mut self, wanted: &Codec, kept: Option<PayloadType>) -> Option<Codec> {
        let is_it = |known: &Codec| match kept {
            Some(number) => known.payload_type == number,
            None => known.is_same_format(wanted),
        };
        let index = match self.codecs.iter().position(is_it) {
            Some(index) => index,
            None => {
                let payload_type = self.free(wanted.payload_type)?;
                self.codecs.push(Codec { payload_type, rtx: None, ..wanted.clone() });
                self.codecs.len() - 1
            }
        };
        let (number, mut rtx) = self.codecs.get(index).map(|c| (c.payload_type, c.rtx))?;
        if let (None, Some(wanted)) = (rtx, wanted.rtx) {
            rtx = self.free(wanted);
            if let Some(known) = self.codecs.get_mut(index) {
                known.rtx = rtx;
            }
        }
        let rtx = rtx.filter(|_| wanted.rtx.is_some());
        Some(Codec { payload_type: number, rtx, ..wanted.clone() })
    }

    /// The id that an extension has already, or its own, or another one.
    pub(crate) fn extension(&mut self, kind: Kind) -> Option<u8> {
        if let Some((id, _)) = self.extensions.iter().find(|(_, known)| *known == kind) {
            return Some(*id);
        }
        let taken = |id: &u8| self.extensions.iter().any(|(known, _)| known == id);
        // RFC 8285 §4.2: 15 ends the reading of one-byte headers; what follows needs two bytes.
        let mut ids = preferred_id(kind).into_iter().chain(1..=14).chain(16..=255);
        let id = ids.find(|id| !taken(id))?;
        self.extensions.push((id, kind));
        Some(id)
    }

    fn free(&self, wanted: PayloadType) -> Option<PayloadType> {
        let taken =
            |n: &PayloadType| self.codecs.iter().any(|c| c.payload_type == *n || c.rtx == Some(*n));
        // RFC 3551 §6: the dynamic ones. RFC 5761 §4 leaves out those that look like RTCP.
        let dynamic = (96..=127).chain(35..=63).filter_map(PayloadType::new);
        core::iter::once(wanted).chain(dynamic).find(|number| !taken(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::codec::default_codecs;

    #[test]
    fn numbers_that_are_taken_are_evaded_and_then_kept() {
        let codecs = default_codecs();
        let [opus, vp8] = ["opus", "VP8"].map(|n| codecs.iter().find(|c| c.name == n).unwrap());
        let mut numbers = Numbers::default();
        // The other side has 96 for Opus.
        let theirs = Codec { payload_type: PayloadType::from_low_bits(96), ..opus.clone() };
        numbers.keep_codec(&theirs);
        assert_eq!(numbers.codec(opus, None).unwrap().payload_type.get(), 96);
        let ours = numbers.codec(vp8, None).unwrap();
        assert_eq!((ours.payload_type.get(), ours.rtx.map(PayloadType::get)), (97, Some(98)));
        assert_eq!(numbers.codec(vp8, None), Some(ours));
    }

    #[test]
    fn there_is_an_end_of_numbers() {
        let mut numbers = Numbers::default();
        let codecs = default_codecs();
        let named = |n: u32| Codec { clock_rate: n, rtx: None, ..codecs[0].clone() };
        let given = (0..100).filter_map(|n| numbers.codec(&named(n), None)).count();
        // 35 to 63, and 96 to 127.
        assert_eq!(given, 61);
        numbers.keep_extension(4, Kind::AudioLevel);
        let ids: Vec<_> = Kind::ALL.iter().filter_map(|kind| numbers.extension(*kind)).collect();
        assert_eq!(ids.len(), Kind::ALL.len());
        assert!(!ids.contains(&15));
    }
}
