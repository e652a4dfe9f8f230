//! What is lost, told by time: RACK-TLP, RFC 8985, with TSNs and packets in place of sequence
//! numbers and segments.

mod min_rtt;
mod probe;
mod rack;

pub(crate) use min_rtt::MinRtt;
pub(crate) use probe::{Probe, Probed};
pub(crate) use rack::Rack;
