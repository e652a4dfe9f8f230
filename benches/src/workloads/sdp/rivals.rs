//! The other contenders. Those called untyped leave the values of attributes as strings.

use std::io::Cursor;

use str0m::change::SdpOffer;

use super::Contender;

pub(super) fn contenders() -> Vec<Contender> {
    vec![
        Contender {
            name: "str0m 0.25 (SdpOffer)",
            parse: |s| SdpOffer::from_sdp_string(s).is_ok(),
            round_trip: |s| SdpOffer::from_sdp_string(s).unwrap().to_sdp_string(),
        },
        Contender {
            name: "webrtc-sdp 0.3 (Mozilla)",
            parse: |s| webrtc_sdp::parse_sdp(s, false).is_ok(),
            round_trip: |s| webrtc_sdp::parse_sdp(s, false).unwrap().to_string(),
        },
        Contender {
            name: "rtc-sdp 0.21 (untyped)",
            parse: |s| rtc_sdp::SessionDescription::unmarshal(&mut Cursor::new(s)).is_ok(),
            round_trip: |s| {
                rtc_sdp::SessionDescription::unmarshal(&mut Cursor::new(s)).unwrap().marshal()
            },
        },
        Contender {
            name: "sdp 0.17 (webrtc-rs; untyped)",
            parse: |s| other_sdp::SessionDescription::unmarshal(&mut Cursor::new(s)).is_ok(),
            round_trip: |s| {
                other_sdp::SessionDescription::unmarshal(&mut Cursor::new(s)).unwrap().marshal()
            },
        },
        Contender {
            name: "sdp-types 0.3 (untyped)",
            parse: |s| sdp_types::Session::parse(s.as_bytes()).is_ok(),
            round_trip: |s| {
                let mut out = Vec::new();
                sdp_types::Session::parse(s.as_bytes()).unwrap().write(&mut out).unwrap();
                String::from_utf8(out).unwrap()
            },
        },
    ]
}
