//! What property tests and fuzz targets do with bytes.

pub(crate) mod negotiation;
