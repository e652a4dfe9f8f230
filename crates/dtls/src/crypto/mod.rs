//! The cryptography that a connection asks others for.
//!
//! | file | what |
//! |---|---|
//! | `provider` | [`Crypto`], and what it makes: [`Hasher`], [`KeyShare`], [`Aead`], [`RecordMask`], [`SigningKey`] |
//! | `ring` | [`Ring`], the default |
//! | `agreement`, `aead`, `signing`, `verify` | its parts |

mod aead;
mod agreement;
mod provider;
mod ring;
mod signing;
mod verify;

pub use provider::{
    Aead, AeadAlgorithm, Crypto, CryptoError, Hasher, KeyKind, KeyShare, PublicKey, RecordMask,
    SharedSecret, SigningKey,
};
pub use ring::Ring;
pub(crate) use signing::load;
