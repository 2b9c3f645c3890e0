//! Random orders of events, with more requests than a search can hold.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::world::{SHIPPED, Wish, World};

const WISHES: [Wish; 6] = [
    Wish::Resident(1),
    Wish::Resident(2),
    Wish::Resident(3),
    Wish::Stranger,
    Wish::Code(1),
    Wish::Code(2),
];

proptest! {
    #[test]
    fn every_promise_is_kept(which in prop::collection::vec(any::<Index>(), 1..120)) {
        let mut world = World::empty();
        for index in which {
            let acts = world.acts(&WISHES);
            world = world.after(index.get(&acts), SHIPPED);
            prop_assert_eq!(world.broken, None, "{:?}", world);
        }
    }
}
