//! One family: who sees us where, and what lies between.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    net::TcpStream,
    sync::RwLock,
    task::JoinSet,
    time::{Instant, timeout},
};

use super::{hairpin, lifetime, mtu, nat, public};
use crate::{
    approach::Approach,
    binding::{Answer, Asker},
    report::{Failure, FailureKind, Family, Network, Stun, Udp, milliseconds},
};

/// An address of a server, and how the server was named.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
    pub(crate) approach: Approach,
}

/// How long a TCP connection may take that only tells whether there is a network at all.
const REACH: Duration = Duration::from_secs(2);

/// Looks at one family by servers that have addresses of it.
pub(crate) async fn look(
    family: Family,
    servers: Vec<Named>,
    longest: Option<Duration>,
    (end, calm): (Instant, &RwLock<()>),
) -> (Vec<Stun>, Option<Network>) {
    let Some(first) = servers.first() else { return (Vec::new(), None) };
    let approach = first.approach;
    let mut asker = match Asker::bind(approach).await {
        Ok(asker) => asker,
        Err(error) => {
            let failure = FailureKind::Local.because(&format_args!("no way there: {error}"));
            let stun = |server: &Named| server.told(None, Some(failure.clone()));
            return (servers.iter().map(stun).collect(), None);
        }
    };
    let addresses: Vec<SocketAddr> = servers.iter().map(|server| server.address).collect();
    let quiet = calm.read().await;
    let answers = asker.ask_all(&addresses).await;
    drop(quiet);
    let stun = servers.iter().zip(&answers).map(|(server, answer)| {
        let silent = answer.is_none();
        let failure = silent.then(|| FailureKind::Silent.because(&"no answer over UDP"));
        server.told(*answer, failure)
    });
    let stun = stun.collect();
    let answers: Vec<_> = addresses.into_iter().zip(answers).collect();
    let ours = (approach, asker.local());
    let network = describe(family, ours, &answers, longest, (end, calm)).await;
    (stun, Some(network))
}

async fn describe(
    family: Family,
    (approach, local): (Approach, SocketAddr),
    answers: &[(SocketAddr, Option<Answer>)],
    longest: Option<Duration>,
    (end, calm): (Instant, &RwLock<()>),
) -> Network {
    let seen = public::compare(local, answers);
    let answered = || answers.iter().filter_map(|(server, answer)| Some((*server, (*answer)?)));
    let mapped = answered().find_map(|(_, answer)| answer.mapped);
    let network = Network {
        family,
        local: local.ip(),
        nat64: approach.translator.map(|prefix| prefix.to_string()),
        udp: Udp::Works,
        public: mapped.map(|mapped| mapped.ip()),
        nat: seen.nat,
        mapping: seen.mapping,
        filtering: None,
        method: seen.method,
        hairpin: None,
        lifetime: None,
        mtu: None,
    };
    let Some((any, answer)) = answered().next() else {
        return Network { udp: udp_alone(approach, answers).await, ..network };
    };
    let helpful = answered().find(|(_, answer)| answer.other.is_some());
    let soon = async {
        let _quiet = calm.read().await;
        tokio::join!(
            async {
                let wanted = seen.nat == Some(true);
                if wanted { hairpin::look(approach, any).await.ok().flatten() } else { None }
            },
            async { mtu::look(approach, any, answer.round_trip).await.ok().flatten() },
            async {
                let (server, answer) = helpful?;
                let limit = end.saturating_duration_since(Instant::now());
                nat::discover(approach, server, answer.round_trip, limit).await.ok()
            },
        )
    };
    let late = async { lifetime::look(approach, helpful?.0, longest?).await };
    let ((hairpin, mtu, behavior), lifetime) = tokio::join!(soon, late);
    let (mapping, method) = seen.refined(behavior.and_then(|behavior| behavior.mapping));
    let filtering = behavior.and_then(|behavior| behavior.filtering).map(Into::into);
    Network { mapping, method, filtering, hairpin, mtu, lifetime, ..network }
}

/// Nobody has answered over UDP: whether that is UDP's fault.
async fn udp_alone(approach: Approach, answers: &[(SocketAddr, Option<Answer>)]) -> Udp {
    let mut attempts = JoinSet::new();
    for (server, _) in answers {
        attempts.spawn(timeout(REACH, TcpStream::connect(approach.outward(*server))));
    }
    while let Some(attempt) = attempts.join_next().await {
        if let Ok(Ok(Ok(_))) = attempt {
            return Udp::Blocked;
        }
    }
    Udp::Silent
}

impl Named {
    /// What there is to say of it.
    pub(crate) fn told(&self, answer: Option<Answer>, error: Option<Failure>) -> Stun {
        Stun {
            url: self.url.clone(),
            address: Some(self.address),
            mapped: answer.and_then(|answer| answer.mapped),
            round_trip_ms: answer.and_then(|answer| answer.round_trip).map(milliseconds),
            error,
        }
    }
}
