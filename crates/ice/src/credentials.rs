//! User name fragments and passwords, RFC 8445 §5.3.

use core::fmt;

use sansio::Rng;

/// The letters of RFC 8839 §5.4, 64 of them: six random bits choose one.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// 48 bits. The RFC wants 24; servers tell their peers apart by it.
const UFRAG_LENGTH: usize = 8;

/// 144 bits. The RFC wants 128.
const PWD_LENGTH: usize = 24;

/// What one side's checks are authenticated with: one pair each generation.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    ufrag: Box<str>,
    pwd: Box<str>,
}

/// Why a text is no user name fragment or no password, RFC 8839 §5.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// The user name fragment is too short or too long.
    #[error("an ice-ufrag of {0} bytes instead of 4 to 256")]
    UfragLength(usize),
    /// The password is too short or too long.
    #[error("an ice-pwd of {0} bytes instead of 22 to 256")]
    PwdLength(usize),
    /// White space, a colon, or a character outside ASCII. Others that the grammar does not have
    /// are let pass: there are peers that use them.
    #[error("{0:?} in ICE credentials")]
    Character(char),
}

impl Credentials {
    /// Credentials from a description.
    ///
    /// # Errors
    ///
    /// Their length or their letters are wrong.
    pub fn new(
        ufrag: impl Into<Box<str>>,
        pwd: impl Into<Box<str>>,
    ) -> Result<Self, CredentialsError> {
        let (ufrag, pwd) = (ufrag.into(), pwd.into());
        if !(4..=256).contains(&ufrag.len()) {
            return Err(CredentialsError::UfragLength(ufrag.len()));
        }
        if !(22..=256).contains(&pwd.len()) {
            return Err(CredentialsError::PwdLength(pwd.len()));
        }
        let wrong = |c: &char| !c.is_ascii_graphic() || *c == ':';
        match ufrag.chars().chain(pwd.chars()).find(wrong) {
            Some(c) => Err(CredentialsError::Character(c)),
            None => Ok(Self { ufrag, pwd }),
        }
    }

    /// Fresh random ones.
    pub fn random(rng: &mut dyn Rng) -> Self {
        Self { ufrag: text::<UFRAG_LENGTH>(rng), pwd: text::<PWD_LENGTH>(rng) }
    }

    /// The user name fragment: by it a request is known to be for this agent.
    pub const fn ufrag(&self) -> &str {
        &self.ufrag
    }

    /// The password.
    pub const fn pwd(&self) -> &str {
        &self.pwd
    }
}

impl fmt::Debug for Credentials {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("ufrag", &self.ufrag).finish_non_exhaustive()
    }
}

fn text<const N: usize>(rng: &mut dyn Rng) -> Box<str> {
    let mut bytes = [0; N];
    rng.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 64)])).collect()
}

#[cfg(test)]
mod tests {
    use testkit::SeededRng;

    use super::*;

    #[test]
    fn random_ones_are_legal_and_differ() {
        let mut rng = SeededRng::new(1);
        let (a, b) = (Credentials::random(&mut rng), Credentials::random(&mut rng));
        assert_ne!(a, b);
        assert_eq!(Credentials::new(a.ufrag(), a.pwd()), Ok(a.clone()));
        assert_eq!((a.ufrag().len(), a.pwd().len()), (8, 24));
    }

    #[test]
    fn illegal_ones_are_refused_with_the_reason() {
        let pwd = "asd88fgpdd777uzjYhagZg";
        let table = [
            ("abc", pwd, CredentialsError::UfragLength(3)),
            ("abcd", "short", CredentialsError::PwdLength(5)),
            ("ab:d", pwd, CredentialsError::Character(':')),
            ("ab d", pwd, CredentialsError::Character(' ')),
            ("abéd", pwd, CredentialsError::Character('é')),
        ];
        for (ufrag, pwd, error) in table {
            assert_eq!(Credentials::new(ufrag, pwd), Err(error));
        }
        assert!(Credentials::new("a_-d", pwd).is_ok(), "there are peers that use these letters");
    }

    #[test]
    fn the_password_is_not_shown() {
        let credentials = Credentials::new("8hhY", "asd88fgpdd777uzjYhagZg").unwrap();
        assert_eq!(format!("{credentials:?}"), "Credentials { ufrag: \"8hhY\", .. }");
    }
}
