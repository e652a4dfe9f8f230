//! Users: with passwords of their own, or with credentials that a service hands out for a while
//! (draft-uberti-behave-turn-rest).

use core::fmt;
use core::time::Duration;
use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use stun::attribute::Userhash;
use stun::long_term::{Account, Name, Secret};

/// Whoever knows the users.
pub trait Accounts: fmt::Debug + Send {
    /// The user of this name, if there is one now: `unix` is the time since 1970.
    fn find(&self, name: Name<'_>, unix: Duration) -> Option<Account>;

    /// Who is behind a name: allocations are counted and kept by it.
    fn identity<'n>(&self, username: &'n str) -> &'n str {
        username
    }
}

/// Users with passwords.
#[derive(Default)]
pub struct StaticUsers {
    passwords: HashMap<Box<str>, Box<str>>,
    names: HashMap<Userhash, Box<str>>,
    realm: Box<str>,
}

impl StaticUsers {
    /// No users yet, in this realm.
    pub fn new(realm: &str) -> Self {
        Self { realm: realm.into(), ..Self::default() }
    }

    /// One user more; the last password of a name counts.
    pub fn add(&mut self, username: &str, password: &str) {
        self.passwords.insert(username.into(), password.into());
        self.names.insert(Userhash::new(username, &self.realm), username.into());
    }
}

impl Accounts for StaticUsers {
    fn find(&self, name: Name<'_>, _: Duration) -> Option<Account> {
        let username = match name {
            Name::Plain(name) => name,
            Name::Hash(hash) => self.names.get(&hash)?,
        };
        let password = self.passwords.get(username)?;
        Some(Account { username: username.into(), secret: Secret::Password(password.clone()) })
    }
}

impl fmt::Debug for StaticUsers {
    /// Without the passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} users", self.passwords.len())
    }
}

/// Users whom a service has given a name `expiry:user`, `expiry` in seconds since 1970, and as
/// password the HMAC-SHA1 of that name in base64. Nobody keeps a list of them.
pub struct SharedSecret {
    secret: Box<[u8]>,
}

impl SharedSecret {
    /// With this secret.
    pub fn new(secret: &[u8]) -> Self {
        Self { secret: secret.into() }
    }

    /// The password of a name: what the service computes.
    pub fn password(secret: &[u8], username: &str) -> Box<str> {
        // HMAC takes a key of any length.
        let Ok(mut hmac) = Hmac::<Sha1>::new_from_slice(secret) else { return "".into() };
        hmac.update(username.as_bytes());
        STANDARD.encode(hmac.finalize().into_bytes()).into()
    }
}

impl Accounts for SharedSecret {
    fn find(&self, name: Name<'_>, unix: Duration) -> Option<Account> {
        let Name::Plain(username) = name else { return None };
        let (expiry, _) = username.split_once(':').unwrap_or((username, ""));
        let expiry: u64 = expiry.parse().ok()?;
        if expiry < unix.as_secs() {
            return None;
        }
        let password = Self::password(&self.secret, username);
        Some(Account { username: username.into(), secret: Secret::Password(password) })
    }

    /// The part after the expiry: with its next credentials it is the same user.
    fn identity<'n>(&self, username: &'n str) -> &'n str {
        username.split_once(':').map_or(username, |(_, user)| user)
    }
}

impl fmt::Debug for SharedSecret {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 2202 §3 case 2, in base64.
    #[test]
    fn the_password_is_the_hmac_of_the_name() {
        let password = SharedSecret::password(b"Jefe", "what do ya want for nothing?");
        assert_eq!(&*password, "7/zfauXrL6LSdBbV8YTfnCWafHk=");
    }

    #[test]
    fn credentials_are_good_until_they_expire() {
        let accounts = SharedSecret::new(b"secret");
        let find = |name, unix| accounts.find(Name::Plain(name), Duration::from_secs(unix));
        assert!(find("1000:alice", 1000).is_some());
        assert!(find("1000:alice", 1001).is_none());
        assert!(find("1000", 999).is_some(), "the user may be left out");
        assert!(find("alice", 0).is_none());
        assert!(find("-1:alice", 0).is_none());
        assert_eq!(accounts.identity("1000:alice"), "alice");
        assert_eq!(accounts.identity("1000"), "1000");
    }

    #[test]
    fn users_are_found_by_name_and_by_hash() {
        let mut users = StaticUsers::new("realm");
        users.add("alice", "wonderland");
        let found = |name| users.find(name, Duration::ZERO).map(|account| account.username);
        assert_eq!(found(Name::Plain("alice")).as_deref(), Some("alice"));
        assert_eq!(found(Name::Hash(Userhash::new("alice", "realm"))).as_deref(), Some("alice"));
        assert_eq!(found(Name::Hash(Userhash::new("alice", "other"))), None);
        assert_eq!(found(Name::Plain("bob")), None);
    }
}
