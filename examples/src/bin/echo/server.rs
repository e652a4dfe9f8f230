//! The server: from the command line to the last goodbye.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::Router;
use axum_server::Handle;
use patchcord::{Endpoint, EndpointConfig};

use crate::{
    api::{self, App},
    args::Args,
    peers::Peers,
    report::Report,
    tls,
};

/// What open HTTP requests get to finish when the program ends.
const GRACE: Duration = Duration::from_secs(1);

/// Serves until the program is told to stop.
pub(crate) async fn run(args: &Args, report: Report) -> anyhow::Result<()> {
    let config = EndpointConfig {
        udp: args.udp,
        public_ips: args.public_ip.clone(),
        tcp: args.tcp,
        ..args.reach.endpoint()
    };
    let endpoint = Endpoint::bind(config).await.context("opening the endpoint")?;
    let peers = Peers::default();
    let app = App {
        endpoint: endpoint.clone(),
        reach: args.reach.clone(),
        hide_addresses: args.hide_addresses,
        largest_message: args.largest_message,
        peers: peers.clone(),
        report: report.clone(),
    };
    let handle = Handle::new();
    let web = tokio::spawn(serve(args.clone(), api::router(Arc::new(app)), handle.clone()));
    tokio::spawn(report.clone().rates(peers.clone()));
    tokio::spawn(peers.clone().drop_the_late());

    if let Some(address) = handle.listening().await {
        greet(&report, args, address, &endpoint);
        examples::stop_requested().await?;
        report.say("Stopping.");
        peers.close("this program was stopped").await;
        handle.graceful_shutdown(Some(GRACE));
    }
    let served = web.await.context("the web server broke")?;
    endpoint.close().await;
    served
}

/// The web server, until `handle` stops it.
async fn serve(args: Args, routes: Router, handle: Handle<SocketAddr>) -> anyhow::Result<()> {
    let service = routes.into_make_service();
    let served = if args.tls {
        let mut addresses = args.public_ip;
        addresses.push(args.listen.ip());
        let certificate = tls::self_signed(&addresses).await?;
        axum_server::bind_rustls(args.listen, certificate).handle(handle).serve(service).await
    } else {
        axum_server::bind(args.listen).handle(handle).serve(service).await
    };
    served.with_context(|| format!("serving on {}", args.listen))
}

fn greet(report: &Report, args: &Args, address: SocketAddr, endpoint: &Endpoint) {
    let scheme = if args.tls { "https" } else { "http" };
    let insecure = if args.tls { " --insecure" } else { "" };
    let url = format!("{scheme}://{}", reachable(address));
    let port = endpoint.local_addresses().first().map_or(0, SocketAddr::port);
    report.say(format_args!("Open {url} in a browser. Peers arrive at UDP port {port}."));
    report.say(format_args!("Or from a second terminal: echo call {url}{insecure}. Ctrl-C ends."));
}

/// 0.0.0.0 is no address that a browser can open.
fn reachable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_address_can_be_opened() {
        let printed = |address: &str| reachable(address.parse().unwrap());
        assert_eq!(printed("0.0.0.0:80"), "localhost:80");
        assert_eq!(printed("[::]:8080"), "localhost:8080");
        assert_eq!(printed("[::1]:8080"), "[::1]:8080");
    }
}
