//! The server of long-term credentials, RFC 8489 §9.2.4.

use core::net::SocketAddr;
use core::time::Duration;

use sansio::{Instant, Rng};

use crate::attribute::{Nonce, PasswordAlgorithm, PasswordAlgorithms, Realm, Userhash, Username};
use crate::long_term::{Features, nonce::Nonces};
use crate::{
    AttributeError, AttributeType, ErrorCode, IntegrityKey, Message, MessageBuilder, SealedMessage,
};

/// How a request names its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<'a> {
    /// By USERNAME.
    Plain(&'a str),
    /// By USERHASH.
    Hash(Userhash),
}

/// A user that was found.
#[derive(Clone, Debug)]
pub struct Account {
    /// The name, which a hash does not tell.
    pub username: Box<str>,
    /// What proves it.
    pub secret: Secret,
}

/// What proves who a user is.
#[derive(Clone)]
pub enum Secret {
    /// The password.
    Password(Box<str>),
    /// A key that was made before, as [`Authenticated::key`] gives it.
    Key(IntegrityKey),
}

impl core::fmt::Debug for Secret {
    /// Without the secret.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secret")
    }
}

/// A request that is its user's.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// The user.
    pub username: Box<str>,
    /// The key of the response.
    pub key: IntegrityKey,
    /// Whether the request, and so the response, carries MESSAGE-INTEGRITY-SHA256.
    pub sha256: bool,
}

impl Authenticated {
    /// Seals the response as the request was.
    pub fn seal<'o>(&self, response: MessageBuilder<'o>) -> SealedMessage<'o> {
        if self.sha256 {
            response.integrity_sha256(&self.key)
        } else {
            response.integrity(&self.key)
        }
    }
}

/// Why a request is not used, and how it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 400: attributes are missing or contradict each other.
    #[error("400 Bad Request")]
    BadRequest,
    /// 401: no integrity, an unknown user, or a wrong password.
    #[error("401 Unauthenticated")]
    Unauthenticated,
    /// 438: a nonce that has expired or is not ours.
    #[error("438 Stale Nonce")]
    StaleNonce,
}

/// Asks for credentials and checks them. It keeps nothing for those who ask.
#[derive(Debug)]
pub struct Server {
    realm: Box<str>,
    nonces: Nonces,
}

impl Server {
    /// A server of this realm.
    ///
    /// # Errors
    ///
    /// The realm has more than 763 bytes.
    pub fn new(
        realm: &str,
        features: Features,
        nonce_lifetime: Duration,
        rng: &mut dyn Rng,
    ) -> Result<Self, AttributeError> {
        Realm::new(realm)?;
        Ok(Self { realm: realm.into(), nonces: Nonces::new(features, nonce_lifetime, rng) })
    }

    /// Whose request it is. The nonce is looked at first, so that nobody is looked up, and no
    /// password tried, without one of ours.
    ///
    /// # Errors
    ///
    /// It is nobody's; [`refuse`](Self::refuse) answers it.
    pub fn authenticate(
        &self,
        now: Instant,
        source: SocketAddr,
        request: &Message<'_>,
        lookup: impl FnOnce(Name<'_>) -> Option<Account>,
    ) -> Result<Authenticated, Refusal> {
        if !request.has_integrity() && !request.has_integrity_sha256() {
            return Err(Refusal::Unauthenticated);
        }
        let (name, nonce) = self.named(request).ok_or(Refusal::BadRequest)?;
        if !self.nonces.is_fresh(now, source, nonce.as_bytes()) {
            return Err(Refusal::StaleNonce);
        }
        let algorithm = self.algorithm(request)?;
        let Account { username, secret } = lookup(name).ok_or(Refusal::Unauthenticated)?;
        let key = match secret {
            Secret::Key(key) => key,
            Secret::Password(password) => {
                let credentials = [&*username, &*self.realm, &*password];
                IntegrityKey::with_algorithm(algorithm, credentials).ok_or(Refusal::BadRequest)?
            }
        };
        let sha256 = request.has_integrity_sha256();
        let checked = if sha256 {
            request.check_integrity_sha256(&key)
        } else {
            request.check_integrity(&key)
        };
        checked.map_err(|_| Refusal::Unauthenticated)?;
        Ok(Authenticated { username, key, sha256 })
    }

    /// Appends the answer to a request that is not used. Whoever forges the address of its sender
    /// sends this answer to somebody else, so it is kept short: no reason phrase.
    pub fn refuse<'o>(
        &self,
        now: Instant,
        source: SocketAddr,
        request: &Message<'_>,
        refusal: Refusal,
        out: &'o mut Vec<u8>,
    ) -> MessageBuilder<'o> {
        let code = match refusal {
            Refusal::BadRequest => {
                return MessageBuilder::error(out, request, ErrorCode::BAD_REQUEST);
            }
            Refusal::Unauthenticated => ErrorCode::UNAUTHENTICATED,
            Refusal::StaleNonce => ErrorCode::STALE_NONCE,
        };
        let nonce = self.nonces.make(now, source);
        let response = MessageBuilder::error(out, request, code.without_reason())
            .raw(AttributeType::REALM, self.realm.as_bytes())
            .raw(AttributeType::NONCE, nonce.as_bytes());
        if self.nonces.features().contain(Features::PASSWORD_ALGORITHMS) {
            response.attribute(&PasswordAlgorithms::ALL)
        } else {
            response
        }
    }

    /// Name and nonce of a request for this realm; `None` if something is missing or malformed.
    fn named<'a>(&self, request: &Message<'a>) -> Option<(Name<'a>, Nonce<'a>)> {
        let hash = request.get::<Userhash>().ok()?.map(Name::Hash);
        let plain = request.get::<Username>().ok()?.map(|name| Name::Plain(name.as_str()));
        request.get::<Realm>().ok()??;
        Some((hash.or(plain)?, request.get::<Nonce>().ok()??))
    }

    /// RFC 8489 §9.2.4: both attributes, the list unchanged, or neither.
    fn algorithm<'a>(&self, request: &Message<'a>) -> Result<PasswordAlgorithm<'a>, Refusal> {
        let malformed = |_| Refusal::BadRequest;
        let list = request.get::<PasswordAlgorithms>().map_err(malformed)?;
        let chosen = request.get::<PasswordAlgorithm>().map_err(malformed)?;
        match (list, chosen) {
            (None, None) => Ok(PasswordAlgorithm::MD5),
            (Some(list), Some(chosen))
                if self.nonces.features().contain(Features::PASSWORD_ALGORITHMS)
                    && list == PasswordAlgorithms::ALL
                    && list.iter().any(|known| known == chosen) =>
            {
                Ok(chosen)
            }
            _ => Err(Refusal::BadRequest),
        }
    }
}
