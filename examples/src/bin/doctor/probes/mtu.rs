//! How large packets may be on the way to a server: Binding requests of many sizes, which routers
//! may not fragment. What makes them large is an attribute that nobody knows and everybody has to
//! ignore (RFC 8489 §14), so that answers are small and servers need not know RFC 5780.

use std::{io, net::SocketAddr, time::Duration};

use stun::AttributeType;

use crate::{approach::Approach, binding::Asker, report::Mtu};

/// Of the range that servers ignore, and of nobody.
const FILLING: AttributeType = AttributeType(0xfff0);

/// Sizes of IP packets. 1280: what IPv6 demands of every link; 1420: WireGuard; 1492: PPPoE; 1500:
/// Ethernet; 9000: its jumbo frames.
const SIZES: [u16; 14] =
    [576, 1200, 1280, 1360, 1400, 1420, 1440, 1452, 1460, 1472, 1480, 1492, 1500, 9000];

/// UDP's header, that of STUN, the head of the attribute, and FINGERPRINT.
const AROUND: u16 = 8 + 20 + 4 + 8;

/// How often each size is tried.
const ROUNDS: usize = 3;

/// `None`: this system cannot forbid that packets are fragmented.
pub(crate) async fn look(
    approach: Approach,
    server: SocketAddr,
    round_trip: Option<Duration>,
) -> io::Result<Option<Mtu>> {
    let mut asker = Asker::bind(approach).await?;
    if !asker.forbid_fragments()? {
        return Ok(None);
    }
    let ip_header = if approach.local.is_ipv4() { 20 } else { 40 };
    let wait = round_trip.unwrap_or(Duration::from_millis(200)) + Duration::from_millis(300);
    let mut carried = [false; SIZES.len()];
    let (mut ids, mut indices) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (index, size) in SIZES.iter().enumerate().filter(|(index, _)| !carried[*index]) {
            let filling = vec![0; usize::from(size.saturating_sub(ip_header + AROUND))];
            ids.push(asker.send(server, (FILLING, &filling)).await);
            indices.push(index);
        }
        let until = asker.after(wait);
        while carried.contains(&false)
            && let Some((index, _)) = asker.hear(&ids, until).await
        {
            carried[indices[index]] = true;
        }
    }
    Ok(summary(&carried))
}

fn summary(carried: &[bool; SIZES.len()]) -> Option<Mtu> {
    let sizes = || SIZES.into_iter().zip(carried);
    let most = sizes().filter(|(_, carried)| **carried).map(|(size, _)| size).max();
    let not = sizes().find(|(size, carried)| !**carried && Some(*size) > most);
    most.map(|_| Mtu { carried: most, not_carried: not.map(|(size, _)| size) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_can_be_filled_exactly() {
        assert!(SIZES.is_sorted());
        for size in SIZES {
            assert_eq!([(size - AROUND - 20) % 4, (size - AROUND - 40) % 4], [0, 0], "{size}");
        }
    }

    #[test]
    fn the_largest_that_came_back_counts() {
        let up_to = |most: u16| core::array::from_fn(|index| SIZES[index] <= most);
        let mtu = |carried, not_carried| Some(Mtu { carried: Some(carried), not_carried });
        assert_eq!(summary(&up_to(1492)), mtu(1492, Some(1500)));
        assert_eq!(summary(&up_to(9000)), mtu(9000, None));
        assert_eq!(summary(&up_to(0)), None, "nothing came back: nothing is known");
        let mut lossy = up_to(1500);
        lossy[3] = false;
        assert_eq!(summary(&lossy), mtu(1500, Some(9000)), "one was lost");
    }
}
