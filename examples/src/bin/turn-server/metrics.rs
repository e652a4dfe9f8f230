//! Numbers for Prometheus, in its text format.

use std::{
    fmt::Write,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use axum::{Router, http::header::CONTENT_TYPE, routing::get};
use turn::server::Stats;

/// What the pages show; the one thread of the server sets it now and then.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared(Arc<Mutex<(Stats, u64)>>);

impl Shared {
    pub(crate) fn set(&self, stats: Stats, unsent: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (stats, unsent);
    }

    fn text(&self) -> String {
        let (stats, unsent) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        let mut add = |kind, name, help, value: u64| {
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "# HELP turn_{name} {help}\n# TYPE turn_{name} {kind}\nturn_{name} {value}"
            );
        };
        add("gauge", "allocations", "Allocations now.", stats.allocations);
        let counters = [
            ("allocated_total", "Allocations made.", stats.allocated),
            ("to_peers_datagrams_total", "Datagrams relayed to peers.", stats.datagrams_to_peers),
            ("to_peers_bytes_total", "Bytes of their data.", stats.bytes_to_peers),
            (
                "to_clients_datagrams_total",
                "Datagrams relayed to clients.",
                stats.datagrams_to_clients,
            ),
            ("to_clients_bytes_total", "Bytes of their data.", stats.bytes_to_clients),
            ("joined_total", "TCP connections of peers joined with a client's.", stats.joined),
            (
                "to_peers_stream_bytes_total",
                "Bytes that such connections have carried to peers.",
                stats.stream_bytes_to_peers,
            ),
            (
                "to_clients_stream_bytes_total",
                "Bytes that such connections have carried to clients.",
                stats.stream_bytes_to_clients,
            ),
            ("granted_total", "Requests granted.", stats.granted),
            ("refused_total", "Requests refused.", stats.refused),
            ("challenged_total", "Requests answered with a challenge.", stats.challenged),
            ("not_permitted_total", "Data without permission.", stats.not_permitted),
            ("over_bandwidth_total", "Data beyond the bandwidth.", stats.over_bandwidth),
            ("strangers_ignored_total", "Strangers not answered.", stats.strangers_ignored),
            ("discarded_total", "Other datagrams not used.", stats.discarded),
            ("unsent_total", "Datagrams that a full socket has not taken.", unsent),
        ];
        for (name, help, value) in counters {
            add("counter", name, help, value);
        }
        text
    }
}

/// Serves the numbers, and says where.
pub(crate) async fn serve(address: SocketAddr, shared: Shared) -> anyhow::Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("binding {address}"))?;
    let address = listener.local_addr()?;
    let page =
        move || async move { ([(CONTENT_TYPE, "text/plain; version=0.0.4")], shared.text()) };
    let router = Router::new().route("/metrics", get(page));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_its_type() {
        let shared = Shared::default();
        shared.set(Stats { allocations: 7, ..Stats::default() }, 3);
        let text = shared.text();
        assert!(text.contains("# TYPE turn_allocations gauge\nturn_allocations 7\n"));
        assert!(text.contains("# TYPE turn_unsent_total counter\nturn_unsent_total 3\n"));
        assert_eq!(text.lines().count(), 17 * 3);
    }
}
