use super::*;

fn body(base: u16, count: u16, chunks: &[u16], deltas: &[u8]) -> Vec<u8> {
    let mut body = vec![0, 0, 0, 1, 0, 0, 0, 2];
    body.extend(base.to_be_bytes());
    body.extend(count.to_be_bytes());
    body.extend([0xff, 0xff, 0xfe, 9]);
    body.extend(chunks.iter().flat_map(|chunk| chunk.to_be_bytes()));
    body.extend(deltas);
    body
}

fn parse(body: &[u8]) -> Result<TransportFeedback<'_>, ParseError> {
    TransportFeedback::parse(Frame {
        count: TransportFeedback::FORMAT,
        packet_type: TransportFeedback::TYPE,
        body,
    })
}

fn statuses(body: &[u8]) -> Vec<(u16, Option<i16>)> {
    parse(body).unwrap().packets().map(|(number, delta)| (number.0, delta)).collect()
}

#[test]
fn fields_have_their_places() {
    let bytes = body(7, 1, &[0x2001], &[4]);
    let feedback = parse(&bytes).unwrap();
    assert_eq!((feedback.sender_ssrc, feedback.media_ssrc), (Ssrc(1), Ssrc(2)));
    assert_eq!((feedback.base, feedback.count), (SequenceNumber(7), 1));
    assert_eq!((feedback.reference_time, feedback.feedback_count), (-2, 9));
    assert_eq!(feedback.packets().len(), 1);
}

/// The examples of the draft, §3.1.3 and §3.1.4, but that two of them use symbol 3, which the draft
/// itself reserves: here it is 2.
#[test]
fn reads_the_examples_of_the_draft() {
    // 221 packets that were not received.
    assert_eq!(
        statuses(&body(0, 221, &[0x00dd], &[])).iter().filter(|s| s.1.is_none()).count(),
        221
    );
    // 24 that were, with deltas of two bytes.
    let got = statuses(&body(0, 24, &[0x4018], &[0xff; 48]));
    assert!(got.iter().all(|status| status.1 == Some(-1)));
    // One not received, five received, three not, three received, two not.
    let got = statuses(&body(0, 14, &[0b1001_1111_0001_1100], &[1; 8]));
    let arrived: Vec<_> = got.iter().map(|status| status.1.is_some()).collect();
    assert_eq!(
        arrived,
        [false, true, true, true, true, true, false, false, false, true, true, true, false, false]
    );
    // One not received, one with two bytes, three with one, two not.
    let got = statuses(&body(0, 7, &[0b1100_1001_0101_0000], &[0xff, 0, 1, 2, 3]));
    let deltas: Vec<_> = got.iter().map(|status| status.1).collect();
    assert_eq!(deltas, [None, Some(-256), Some(1), Some(2), Some(3), None, None]);
}

#[test]
fn numbers_wrap() {
    assert_eq!(statuses(&body(65_535, 2, &[0x2002], &[4, 5])), [(65_535, Some(4)), (0, Some(5))]);
}

#[test]
fn what_the_last_chunk_says_beyond_the_count_is_nothing() {
    assert_eq!(statuses(&body(1, 1, &[0xbfff], &[4])), [(1, Some(4))]);
    assert_eq!(statuses(&body(1, 1, &[0xd555], &[4])), [(1, Some(4))]);
    assert_eq!(statuses(&body(1, 1, &[0x3fff], &[4])), [(1, Some(4))]);
    // Not even the reserved symbol.
    assert_eq!(statuses(&body(1, 1, &[0xdfff], &[4])), [(1, Some(4))]);
}

#[test]
fn runs_may_be_empty_and_long() {
    assert_eq!(statuses(&body(1, 1, &[0x2000, 0x6000, 0x2001], &[4])), [(1, Some(4))]);
    let bytes = body(0, 8191 + 17, &[0x3fff, 0x4011], &[[1; 8191].as_slice(), &[0; 34]].concat());
    let got = statuses(&bytes);
    assert_eq!(got.len(), 8208);
    assert_eq!((got[8190], got[8191]), ((8190, Some(1)), (8191, Some(0))));
}

#[test]
fn what_cannot_be_is_refused() {
    assert_eq!(parse(&body(1, 0, &[0x2001], &[4])), Err(ParseError::Forbidden(0)));
    assert_eq!(parse(&body(1, 7, &[0xc003], &[4, 4, 4])), Err(ParseError::Forbidden(0xc003)));
    assert_eq!(parse(&body(1, 20, &[0x6014], &[4; 60])), Err(ParseError::Forbidden(0x6014)));
    // Chunks that say too little, deltas that are not there.
    for (chunks, deltas) in [(&[][..], &[][..]), (&[0x2001], &[4]), (&[0x2002], &[4])] {
        let bytes = body(1, 2, chunks, deltas);
        assert!(matches!(parse(&bytes), Err(ParseError::Truncated { .. })), "{chunks:x?}");
    }
}

#[test]
fn is_written_as_it_came() {
    let bytes = body(100, 9, &[0x2001, 0xd000, 0x4001], &[4, 5, 0x80, 0]);
    let feedback = parse(&bytes).unwrap();
    let mut out = Vec::new();
    feedback.write(&mut out);
    // Six bytes of chunks and four of deltas leave two up to a whole word.
    assert_eq!(out[..4], [0xaf, 205, 0, 7]);
    assert_eq!(out[4..30], bytes);
    assert_eq!(out[30..], [0, 2]);
    assert_eq!(TransportFeedback::parse(Frame::parse(&out).unwrap()), Ok(feedback));
}
