use super::*;
use crate::attribute::{Priority, Software, UnknownAttributes};

const ID: [u8; 12] = [7; 12];

#[test]
fn appends_to_what_the_buffer_holds() {
    let key = IntegrityKey::short_term("password");
    let build = |out: &mut Vec<u8>| {
        MessageBuilder::request(out, Method::BINDING, ID.into())
            .attribute(&Software::new("abc").unwrap())
            .integrity(&key)
            .fingerprint();
    };
    let (mut alone, mut behind) = (Vec::new(), b"head room".to_vec());
    build(&mut alone);
    build(&mut behind);
    assert_eq!(behind, [b"head room", alone.as_slice()].concat());
}

#[test]
fn is_whole_after_each_step() {
    let mut out = Vec::new();
    let builder = MessageBuilder::indication(&mut out, Method::BINDING, ID.into());
    assert!(Message::parse(builder.out).is_ok());
    let builder = builder.attribute(&Priority(5));
    assert_eq!(Message::parse(builder.out).unwrap().get(), Ok(Some(Priority(5))));
    let builder = builder.raw(AttributeType(0x8fff), b"12345");
    assert_eq!(Message::parse(builder.out).unwrap().attributes().count(), 2);
    let sealed = builder.integrity(&IntegrityKey::short_term("password"));
    assert!(Message::parse(sealed.out).unwrap().has_integrity());
    sealed.fingerprint();
    assert_eq!(Message::parse(&out).unwrap().check_fingerprint(), Ok(()));
}

#[test]
fn leaves_out_what_does_not_fit_and_still_seals() {
    let key = IntegrityKey::short_term("password");
    let mut out = Vec::new();
    MessageBuilder::indication(&mut out, Method::DATA, ID.into())
        .raw(AttributeType(1), &[1; 60_000])
        .raw(AttributeType(2), &[2; 70_000])
        .raw(AttributeType(3), &[3; 5_457])
        .raw(AttributeType(4), &[4; 5_456])
        .raw(AttributeType(5), &[])
        .integrity(&key)
        .integrity_sha256(&key)
        .fingerprint();
    assert_eq!(out.len(), 20 + 0xfffc);
    let message = Message::parse(&out).unwrap();
    assert!(message.attributes().map(|attribute| attribute.kind.0).eq([1, 4]));
    assert_eq!(message.check_integrity(&key), Ok(()));
    assert_eq!(message.check_fingerprint(), Ok(()));
}

#[test]
fn responses_carry_the_method_and_the_id_of_their_request() {
    let mut out = Vec::new();
    MessageBuilder::request(&mut out, Method::ALLOCATE, ID.into())
        .raw(AttributeType(0x7001), &[])
        .raw(AttributeType(0x0019), &[17, 0, 0, 0])
        .raw(AttributeType(0x7002), &[]);
    let request = Message::parse(&out).unwrap();
    let (mut success, mut error, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    MessageBuilder::success(&mut success, &request);
    MessageBuilder::error(&mut error, &request, ErrorCode::STALE_NONCE);
    MessageBuilder::unknown_attributes(&mut unknown, &request, &[AttributeType(0x0019)]);

    let classes = [Class::SuccessResponse, Class::ErrorResponse, Class::ErrorResponse];
    let codes = [None, Some(ErrorCode::STALE_NONCE), Some(ErrorCode::UNKNOWN_ATTRIBUTE)];
    for (i, response) in [success, error, unknown.clone()].iter().enumerate() {
        let response = Message::parse(response).unwrap();
        assert_eq!((response.class(), response.method()), (classes[i], Method::ALLOCATE));
        assert_eq!(response.transaction_id(), request.transaction_id());
        assert_eq!(response.get(), Ok(codes[i]));
    }
    let unknown = Message::parse(&unknown).unwrap();
    let unknown: UnknownAttributes = unknown.get().unwrap().unwrap();
    assert!(unknown.types().map(|kind| kind.0).eq([0x7001, 0x7002]));
}
