//! Repetition: a description of a megabyte of the shortest lines is read in one go, and takes no
//! more memory than so many attributes.

use patchcord_sdp::{Attribute, Session};

const HEAD: &str = "v=0\no=- 1 1 IN IP4 0\ns=-\n";

#[test]
fn attributes_are_small() {
    // The most that a stranger's byte can cost: a line of four makes one of these.
    assert!(size_of::<Attribute<'_>>() <= 64);
}

#[test]
fn many_lines_are_many_attributes() {
    let text = format!("{HEAD}{}", "a=x\n".repeat(1 << 18));
    let session = Session::parse(&text).unwrap();
    assert_eq!(session.attributes.len(), 1 << 18);
}

#[test]
fn many_media_many_words_many_lists() {
    let lines = [
        "m=a 9 b c\n".repeat(1 << 16),
        format!("m=a 9 b{}\n", " c".repeat(1 << 18)),
        format!("a=group:BUNDLE{}\n", " 1".repeat(1 << 18)),
        format!("a=simulcast:send {}1\n", "1;".repeat(1 << 18)),
        format!("a=fmtp:1 {}\n", "a=b;".repeat(1 << 18)),
        format!("a=candidate:1 1 udp 1 x 9 typ host{}\n", " a b".repeat(1 << 18)),
    ];
    for line in lines {
        let text = format!("{HEAD}{line}");
        let session = Session::parse(&text).unwrap();
        assert_eq!(session.to_string().len(), text.len() + text.lines().count());
    }
}
