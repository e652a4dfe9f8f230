//! What no implementation can do without: finding the lines, and one copy.

pub(super) const NAME: &str = "LIMIT split lines, copy";

pub(super) fn parse(offer: &str) -> bool {
    offer.lines().filter(|line| line.as_bytes().get(1) == Some(&b'=')).count() > 0
}

pub(super) fn round_trip(offer: &str) -> String {
    let mut out = String::with_capacity(offer.len());
    for line in offer.lines() {
        out.push_str(line);
        out.push_str("\r\n");
    }
    out
}
