use sansio::Rng;

use super::*;
use crate::random::Random;

fn service() -> Service {
    Service::new(Clock::start(), Vec::new())
}

fn resolve(name: Name) -> Order {
    Order::Resolve { name, text: name.to_string().into(), connection: Weak::new() }
}

fn name(rng: &mut dyn Rng) -> Name {
    Name::random(rng)
}

#[tokio::test]
async fn candidates_that_wait_are_bounded() {
    let (mut service, mut rng) = (service(), Random::from_system().unwrap());
    let (one, other) = (name(&mut rng), name(&mut rng));
    for _ in 0..Service::MAX_WAITING {
        service.take(resolve(one));
    }
    service.take(resolve(other));
    assert_eq!(service.waiting.len(), 1);
    assert_eq!(service.waiting[&one].len(), Service::MAX_WAITING);
    // As many names as the machine asks for, one waiting for each.
    let mut service = Service::new(Clock::start(), Vec::new());
    for _ in 0..1000 {
        service.take(resolve(name(&mut rng)));
    }
    assert_eq!(service.waiting.len(), mdns::Config::default().max_questions);
}

#[tokio::test]
async fn a_name_of_ours_is_known_at_once() {
    let (mut service, mut rng) = (service(), Random::from_system().unwrap());
    let ours = name(&mut rng);
    service.take(Order::Offer(ours, [127, 0, 0, 1].into()));
    service.take(resolve(ours));
    assert_eq!(service.waiting.len(), 1);
    service.tell();
    assert_eq!(service.waiting.len(), 0);
    // Nothing is asked for, but somebody may ask for it.
    service.rest();
    assert_eq!(service.idle, None);
}
