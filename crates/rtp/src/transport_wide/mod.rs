//! Transport-wide congestion control, draft-holmer-rmcat-transport-wide-cc-extensions-01: when
//! each packet of a transport arrived.

mod arrivals;
mod symbols;

pub use arrivals::Arrivals;
