//! What must hold for every text. The fuzz targets run it too.

pub(crate) mod candidate;
pub(crate) mod description;
