//! Endpoints that are called by themselves: they may be out of reach, or busy elsewhere.

use insta::assert_snapshot;

use crate::call::tests::scenario::check;

#[test]
fn an_endpoint_out_of_reach_makes_the_call_unreachable() {
    let transcript = check(
        "
        +0s screen dials d1: d1
        +1s d1 is unreachable
        +2s d1 claims
        ",
    );

    assert_snapshot!(transcript, @"
    +0s screen dials d1: d1
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > screen: ringing, c1 v1, media talk
      > d1: offer, c1 v1, media watch
      lines: screen in c1
    +1s d1 is unreachable
      accepted, see c1 v2
      c1 v2 ended Unreachable by NobodyLeft
      > screen: ended, c1 v2, media none
      > d1: closed Unreachable, c1 v2, media none
      lines:
    +2s d1 claims
      refused Ended, see c1 v2
    ");
}

#[test]
fn others_ring_on_when_one_is_out_of_reach() {
    let transcript = check(
        "
        +0s door dials 301: screen mum
        +1s screen is unreachable
        +2s mum gives up
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: screen mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > screen: offer, c1 v1, media watch
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +1s screen is unreachable
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > screen: closed Unreachable, c1 v2, media none
    +2s mum gives up
      accepted, see c1 v3
      c1 v3 ended NoAnswer by NobodyLeft
      > door: ended, c1 v3, media none
      > mum: closed NoAnswer, c1 v3, media none
      lines:
    ");
}

#[test]
fn an_endpoint_that_says_it_is_busy_is_offered_the_call_again_at_the_next_press() {
    let transcript = check(
        "
        +0s door dials 301: screen mum
        +1s screen is busy
        +2s door dials 301: screen mum
        +3s screen is busy
        +4s mum is busy
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: screen mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > screen: offer, c1 v1, media watch
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +1s screen is busy
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > screen: closed Busy, c1 v2, media none
    +2s door dials 301: screen mum
      accepted, see c1 v3
      c1 v3 alerting, deadline +30s (ring)
      > screen: offer, c1 v3, media watch
    +3s screen is busy
      accepted, see c1 v4
      c1 v4 alerting, deadline +30s (ring)
      > screen: closed Busy, c1 v4, media none
    +4s mum is busy
      accepted, see c1 v5
      c1 v5 ended Busy by NobodyLeft
      > door: ended, c1 v5, media none
      > mum: closed Busy, c1 v5, media none
      lines:
    ");
}
