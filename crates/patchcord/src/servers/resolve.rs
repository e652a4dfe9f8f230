//! Names to addresses.

use core::fmt;
use core::net::IpAddr;
use core::pin::Pin;
use core::time::Duration;
use std::io;
use std::sync::Arc;

use super::url::Host;

/// How long a name may take. Gathering waits for it, calls do not.
const PATIENCE: Duration = Duration::from_secs(10);

type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// What finds the addresses of servers and proxies. The default is the system's resolver.
///
/// ```
/// use patchcord::Resolver;
///
/// // A resolver that knows one name, whatever the system says.
/// let resolver = Resolver::new(|name: String| async move {
///     match &*name {
///         "turn.example.org" => Ok(vec!["192.0.2.1".parse().unwrap()]),
///         _ => Err(std::io::ErrorKind::NotFound.into()),
///     }
/// });
/// # let _ = resolver;
/// ```
#[derive(Clone)]
pub struct Resolver {
    lookup: Arc<dyn Fn(String) -> Lookup + Send + Sync>,
}

impl Default for Resolver {
    fn default() -> Self {
        Self::new(|name| async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver")
    }
}

impl Resolver {
    /// One that asks `lookup`. The addresses are used in its order, as far as families allow.
    pub fn new<F, R>(lookup: F) -> Self
    where
        F: Fn(String) -> R + Send + Sync + 'static,
        R: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
    {
        Self { lookup: Arc::new(move |name| Box::pin(lookup(name))) }
    }

    /// The addresses of a host: at least one.
    ///
    /// # Errors
    ///
    /// The name has no address, or none was found within ten seconds.
    pub async fn resolve(&self, host: &Host) -> io::Result<Vec<IpAddr>> {
        let name = match host {
            Host::Ip(ip) => return Ok(vec![*ip]),
            Host::Name(name) => name.as_ref().to_owned(),
        };
        let found = tokio::time::timeout(PATIENCE, (self.lookup)(name)).await;
        let found = found.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
        }
        Ok(found)
    }
}

/// When the next address of a name is tried as well, while the one before has not answered: RFC 8305
/// §5 recommends this.
pub(crate) const STAGGER: Duration = Duration::from_millis(250);

/// Addresses of a name that are tried, in each family: whoever answers for it names as many as it
/// likes.
const MAX_OF_A_FAMILY: usize = 4;

/// The addresses of each family that are tried, those of IPv6 first (RFC 8421 §4).
pub(crate) fn by_family(addresses: &[IpAddr]) -> [Vec<IpAddr>; 2] {
    [IpAddr::is_ipv6, IpAddr::is_ipv4].map(|is_of: fn(&IpAddr) -> bool| {
        let of = addresses.iter().filter(|ip| is_of(ip));
        of.take(MAX_OF_A_FAMILY).copied().collect()
    })
}

/// The same addresses in the order in which one is tried after the other: the families take turns
/// (RFC 8305 §4).
pub(crate) fn in_turns(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let [v6, v4] = by_family(addresses);
    let turns = (0..MAX_OF_A_FAMILY).flat_map(|turn| [v6.get(turn), v4.get(turn)]);
    turns.flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn families_take_turns_and_ipv6_goes_first() {
        let found = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.3", "2001:db8::2"].map(ip);
        let v6 = [ip("2001:db8::1"), ip("2001:db8::2")];
        let v4 = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(ip);
        assert_eq!(by_family(&found), [v6.to_vec(), v4.to_vec()]);
        assert_eq!(in_turns(&found), [v6[0], v4[0], v6[1], v4[1], v4[2]]);
        assert_eq!(in_turns(&v4), v4);
    }

    #[test]
    fn of_many_addresses_some_are_tried() {
        let many: Vec<_> =
            (0..200).flat_map(|n| [ip(&format!("192.0.2.{n}")), ip("::1")]).collect();
        assert_eq!(in_turns(&many).len(), 2 * MAX_OF_A_FAMILY);
        assert!(by_family(&many).iter().all(|family| family.len() == MAX_OF_A_FAMILY));
    }

    #[tokio::test]
    async fn addresses_need_no_resolver() {
        let resolver = Resolver::new(|_| async { Err(io::ErrorKind::Other.into()) });
        let address = Host::Ip(ip("192.0.2.1"));
        assert_eq!(resolver.resolve(&address).await.unwrap(), [ip("192.0.2.1")]);
        assert!(resolver.resolve(&Host::Name("localhost".into())).await.is_err());
    }

    #[tokio::test]
    async fn a_name_without_an_address_is_an_error() {
        let resolver = Resolver::new(|_| async { Ok(Vec::new()) });
        let error = resolver.resolve(&Host::Name("empty".into())).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_that_takes_too_long_is_an_error() {
        let resolver = Resolver::new(|_| core::future::pending());
        let error = resolver.resolve(&Host::Name("slow".into())).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn the_system_knows_itself() {
        let found = Resolver::default().resolve(&Host::Name("localhost".into())).await.unwrap();
        assert!(found.iter().all(IpAddr::is_loopback), "{found:?}");
    }
}
