//! Our contender.

use sdp::Session;

pub(super) fn parse(offer: &str) -> bool {
    Session::parse(offer).is_ok()
}

pub(super) fn round_trip(offer: &str) -> String {
    Session::parse(offer).unwrap().to_string()
}
