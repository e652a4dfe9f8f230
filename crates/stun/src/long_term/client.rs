//! The client of long-term credentials, RFC 8489 §9.2.3 and §9.2.5.

use crate::attribute::{Nonce, PasswordAlgorithm, PasswordAlgorithms, Realm, Userhash, Username};
use crate::long_term::Features;
use crate::{AttributeError, CheckError, IntegrityKey, Message, MessageBuilder};

/// Why a challenge cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeError {
    /// REALM or NONCE is malformed.
    #[error(transparent)]
    Attribute(#[from] AttributeError),
    /// REALM or NONCE is missing.
    #[error("a challenge without REALM or NONCE")]
    Incomplete,
    /// The nonce speaks of password algorithms, and there are none: somebody on the path may have
    /// taken them away (RFC 8489 §9.2.5). The response is to be ignored.
    #[error("a list of password algorithms has been taken away")]
    BidDown,
    /// None of the server's password algorithms is known.
    #[error("no password algorithm in common")]
    Algorithm,
}

/// What a client knows: its name and password, and what the server last asked for.
#[derive(Clone, Debug)]
pub struct Client {
    username: Box<str>,
    password: Password,
    challenge: Option<Challenge>,
}

/// Not to be shown.
#[derive(Clone)]
struct Password(Box<str>);

impl core::fmt::Debug for Password {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Password")
    }
}

#[derive(Clone, Debug)]
struct Challenge {
    realm: Box<str>,
    nonce: Box<[u8]>,
    /// The server's list as it came, and our choice. `None`: RFC 5389, MD5 and SHA-1.
    algorithms: Option<(Box<[u8]>, u16)>,
    key: IntegrityKey,
}

impl Client {
    /// A client that has not been asked yet.
    ///
    /// # Errors
    ///
    /// The name has more than 508 bytes.
    pub fn new(username: &str, password: &str) -> Result<Self, AttributeError> {
        Username::new(username)?;
        let password = Password(password.into());
        Ok(Self { username: username.into(), password, challenge: None })
    }

    /// Takes the challenge of a response with 401 or 438: the next request answers it.
    ///
    /// # Errors
    ///
    /// There is none that could be answered. What was known is as it was.
    pub fn challenge(&mut self, response: &Message<'_>) -> Result<(), ChallengeError> {
        let before = self.challenge.as_ref();
        let nonce = response.get::<Nonce>()?.ok_or(ChallengeError::Incomplete)?.as_bytes();
        // RFC 8489 §9.2.5: the realm of a 438 is that of the challenge before, if it says none.
        let realm = match (response.get::<Realm>()?, before) {
            (Some(realm), _) => realm.as_str(),
            (None, Some(before)) => &before.realm,
            (None, None) => return Err(ChallengeError::Incomplete),
        };
        let offered = response.get::<PasswordAlgorithms>()?;
        let promised = Features::of(nonce).contain(Features::PASSWORD_ALGORITHMS);
        let (algorithms, algorithm) = match offered {
            // Without the bit in the nonce the list could be anybody's.
            Some(offered) if promised => {
                let chosen = offered.iter().find_map(|algorithm| match algorithm {
                    PasswordAlgorithm::SHA256 => Some(PasswordAlgorithm::SHA256),
                    PasswordAlgorithm::MD5 => Some(PasswordAlgorithm::MD5),
                    _ => None,
                });
                let chosen = chosen.ok_or(ChallengeError::Algorithm)?;
                (Some((offered.as_bytes().into(), chosen.number())), chosen)
            }
            None if promised => return Err(ChallengeError::BidDown),
            _ => (None, PasswordAlgorithm::MD5),
        };
        let credentials = [&*self.username, realm, &*self.password.0];
        let key = IntegrityKey::with_algorithm(algorithm, credentials)
            .ok_or(ChallengeError::Algorithm)?;
        let (realm, nonce) = (realm.into(), nonce.into());
        self.challenge = Some(Challenge { realm, nonce, algorithms, key });
        Ok(())
    }

    /// Another name and password for the same server; its challenge stays good.
    ///
    /// # Errors
    ///
    /// The name has more than 508 bytes. The old ones are kept.
    pub fn replace(&mut self, username: &str, password: &str) -> Result<(), AttributeError> {
        Username::new(username)?;
        (self.username, self.password) = (username.into(), Password(password.into()));
        if let Some(challenge) = &mut self.challenge {
            let algorithm = challenge.algorithm();
            let credentials = [username, &*challenge.realm, password];
            if let Some(key) = IntegrityKey::with_algorithm(algorithm, credentials) {
                challenge.key = key;
            }
        }
        Ok(())
    }

    /// Ends a request: the credentials and the integrity, if there was a challenge, otherwise
    /// nothing.
    pub fn seal(&self, request: MessageBuilder<'_>) {
        let Some(challenge) = &self.challenge else { return };
        let Challenge { realm, nonce, algorithms, key } = challenge;
        let request = if self.is_anonymous() {
            request.attribute(&Userhash::new(&self.username, realm))
        } else {
            request.raw(crate::AttributeType::USERNAME, self.username.as_bytes())
        };
        let request = request
            .raw(crate::AttributeType::REALM, realm.as_bytes())
            .raw(crate::AttributeType::NONCE, nonce);
        match algorithms {
            Some((offered, _)) => request
                .raw(crate::AttributeType::PASSWORD_ALGORITHMS, offered)
                .attribute(&challenge.algorithm())
                .integrity_sha256(key),
            None => request.integrity(key),
        };
    }

    /// Whether the response was made by somebody who knows the password.
    ///
    /// # Errors
    ///
    /// It was not, or there has been no challenge.
    pub fn check(&self, response: &Message<'_>) -> Result<(), CheckError> {
        let missing = CheckError::Missing(crate::AttributeType::REALM);
        let challenge = self.challenge.as_ref().ok_or(missing)?;
        match challenge.algorithms {
            Some(_) => response.check_integrity_sha256(&challenge.key),
            None => response.check_integrity(&challenge.key),
        }
    }

    /// Whether there was a challenge.
    pub const fn is_challenged(&self) -> bool {
        self.challenge.is_some()
    }

    /// The name.
    pub const fn username(&self) -> &str {
        &self.username
    }

    fn is_anonymous(&self) -> bool {
        self.challenge.as_ref().is_some_and(|challenge| {
            Features::of(&challenge.nonce).contain(Features::USERNAME_ANONYMITY)
        })
    }
}

impl Challenge {
    fn algorithm(&self) -> PasswordAlgorithm<'static> {
        let sha256 = PasswordAlgorithm::SHA256;
        match &self.algorithms {
            Some((_, chosen)) if *chosen == sha256.number() => sha256,
            _ => PasswordAlgorithm::MD5,
        }
    }
}
