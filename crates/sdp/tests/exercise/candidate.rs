//! What must hold for every text that may be a candidate.

use sdp::Candidate;

/// A candidate is refused, or it can be written, and read again as the same.
pub(crate) fn exercise(text: &str) {
    let Ok(candidate) = Candidate::parse(text) else { return };
    let written = candidate.to_string();
    assert_eq!(Candidate::parse(&written), Ok(candidate.clone()), "{written:?}");
    assert!(!written.contains(['\r', '\n']));
    assert_eq!(candidate.clone().into_owned(), candidate);
}
