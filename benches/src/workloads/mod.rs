//! The workloads: each file holds what is measured and its trait, the folder of the same name the
//! contenders.

mod channel;
mod connect;
mod dtls;
mod fanout;
mod media;
mod peers;
mod relay;
mod rtp;
mod sdp;
mod srtp;
mod stun;

pub(crate) mod memory;
pub(crate) mod sctp;

use crate::bench::Bench;

/// A workload's name and measurement.
pub(crate) type Workload = (&'static str, fn(&mut Bench<'_>));

pub(crate) const WORKLOADS: [Workload; 12] = [
    ("sdp", sdp::run),
    ("stun", stun::run),
    ("rtp", rtp::run),
    ("srtp", srtp::run),
    ("sctp", sctp::run),
    ("dtls", dtls::run),
    ("channel", channel::run),
    ("media", media::run),
    ("fanout", fanout::run),
    ("connect", connect::run),
    ("memory", memory::run),
    ("relay", relay::run),
];
