//! What connections and the task share: names of our addresses, and orders for the task.

use core::net::IpAddr;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use mdns::Name;
use sansio::{Clock, Rng};
use tokio::runtime;
use tokio::sync::mpsc;

use super::Link;
use super::service::Service;
use crate::connection::Connection;

/// What the task is to do.
#[derive(Debug)]
pub(super) enum Order {
    /// Ask for a name, and tell the connection.
    Resolve { name: Name, text: Box<str>, connection: Weak<Connection> },
    /// Answer for a name of ours.
    Offer(Name, IpAddr),
    /// Take it back.
    Withdraw(Name),
    /// Use these links from now on.
    Move(Vec<Link>),
}

/// The names of an endpoint.
#[derive(Debug)]
pub(crate) struct Names {
    orders: mpsc::UnboundedSender<Order>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The addresses of the host that can have names, and those they have.
    named: BTreeMap<IpAddr, Option<Name>>,
    links: Vec<Link>,
    rng: Box<dyn Rng>,
    /// What the task begins with; `None`: it has begun.
    idle: Option<Idle>,
}

#[derive(Debug)]
struct Idle {
    orders: mpsc::UnboundedReceiver<Order>,
    clock: Clock,
    runtime: runtime::Handle,
}

impl Names {
    /// Nobody asks, and nobody answers yet.
    pub(crate) fn new(clock: Clock, runtime: runtime::Handle, rng: Box<dyn Rng>) -> Arc<Self> {
        let (sender, orders) = mpsc::unbounded_channel();
        let idle = Some(Idle { orders, clock, runtime });
        let inner = Inner { named: BTreeMap::new(), links: Vec::new(), rng, idle };
        Arc::new(Self { orders: sender, inner: Mutex::new(inner) })
    }

    /// The host has these addresses, and these links.
    pub(crate) fn move_to(&self, hosts: &[IpAddr], links: Vec<Link>) {
        let mut inner = self.lock();
        let mut before = core::mem::take(&mut inner.named);
        inner.named = hosts.iter().map(|&ip| (ip, before.remove(&ip).flatten())).collect();
        inner.links.clone_from(&links);
        let begun = inner.idle.is_none();
        drop(inner);
        if begun {
            before.into_values().flatten().for_each(|name| self.order(Order::Withdraw(name)));
            self.order(Order::Move(links));
        }
    }

    /// The name of an address of the host; it gets one when it has none. It is the same for all
    /// connections of the endpoint, and another one in the next. `None`: no address of ours, such as
    /// that of a NAT in front of us.
    pub(super) fn name_of(&self, address: IpAddr) -> Option<Name> {
        let mut inner = self.lock();
        let Inner { named, rng, .. } = &mut *inner;
        let known = named.get_mut(&address)?;
        if let Some(name) = known {
            return Some(*name);
        }
        let name = Name::random(&mut **rng);
        *known = Some(name);
        drop(inner);
        self.order(Order::Offer(name, address));
        Some(name)
    }

    /// Has the task do something; it begins when it has not.
    pub(super) fn order(&self, order: Order) {
        let mut inner = self.lock();
        if let Some(Idle { orders, clock, runtime }) = inner.idle.take() {
            let links = inner.links.clone();
            runtime.spawn(async move { Service::new(clock, links).run(orders).await });
        }
        // The runtime may have ended, and the task with it.
        let _ = self.orders.send(order);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
