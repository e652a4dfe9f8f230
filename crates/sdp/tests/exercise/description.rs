//! What must hold for every text that may be a description.

use sdp::attribute::{Fmtp, Rid};
use sdp::{Candidate, Session};

/// A description is refused, or it can be written, and read again as the same.
pub(crate) fn exercise(text: &str) {
    let session = match Session::parse(text) {
        Ok(session) => session,
        Err(error) => {
            assert!(error.line >= 1 && error.line <= text.split('\n').count(), "{error}");
            assert!(!error.to_string().contains(['\r', '\n']));
            return;
        }
    };
    let mut written = String::new();
    session.write(&mut written);
    // What is written is not much longer than what was read: names and blanks are not multiplied.
    assert!(written.len() <= 2 * text.len() + 64, "{} bytes of {}", written.len(), text.len());
    assert_eq!(Session::parse(&written).as_ref(), Ok(&session), "{written:?}");
    for section in session.sections() {
        let media = section.media;
        assert!(section.direction().reversed().reversed() == section.direction());
        assert!(media.payload_types().all(|payload_type| payload_type.number() < 128));
        let parameters = media.fmtps().flat_map(Fmtp::parameters);
        let restrictions = media.rids().flat_map(Rid::restrictions);
        let extensions = media.candidates().flat_map(Candidate::extensions);
        let names = parameters.chain(restrictions).chain(extensions);
        assert!(names.map(|(name, value)| name.len() + value.len()).sum::<usize>() <= text.len());
        assert!(section.fingerprints().all(|fingerprint| fingerprint.bytes().next().is_some()));
        assert!(media.sctp_init().is_none_or(|init| init.chunk().len() < text.len()));
    }
    assert_eq!(session.clone().into_owned(), session);
}
