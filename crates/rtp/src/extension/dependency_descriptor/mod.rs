//! What a frame depends on: the dependency descriptor, AV1 RTP specification appendix A.
//!
//! | file | what |
//! |---|---|
//! | `descriptor` | what each packet says of its frame |
//! | `structure` | the templates that it refers to, sent with key frames |
//! | `frame` | what a template or a descriptor says of a frame |
//! | `bits` | reading and writing bit by bit |

mod bits;
mod descriptor;
mod frame;
mod structure;
#[cfg(test)]
mod tests;

pub use descriptor::{DependencyDescriptor, Mandatory};
pub use frame::{FrameDependencies, Indication, Indications};
pub use structure::{Resolution, TemplateStructure};
