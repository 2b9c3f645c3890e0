//! The door is opened for a call.

use insta::assert_snapshot;

use crate::call::tests::scenario::check;

#[test]
fn opening_the_door_ends_the_ringing_everywhere() {
    let transcript = check(
        "
        +0s door dials 301: mum dad 10s | kid 20s
        +4s door opens
        +5s door opens
        +6s mum claims
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum dad 10s | kid 20s
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > dad: offer, c1 v1, media watch
      lines: door in c1
    +4s door opens
      accepted, see c1 v2
      c1 v2 ended Unlocked by Opening
      > door: ended, c1 v2, media none
      > mum: closed HandledByUnlock, c1 v2, media none
      > dad: closed HandledByUnlock, c1 v2, media none
      lines:
    +5s door opens
      ignored NotAlerting
    +6s mum claims
      refused Ended, see c1 v2
    ");
}

#[test]
fn a_conversation_goes_on_when_the_door_is_opened() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +2s mum claims
        +4s door opens
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum dad
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > dad: offer, c1 v1, media watch
      lines: door in c1
    +2s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7202s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      > dad: closed AnsweredElsewhere, c1 v2, media none
      lines: door in c1, mum in c1
    +4s door opens
      ignored NotAlerting
    ");
}

#[test]
fn a_call_whose_plan_says_so_rings_on_when_the_door_is_opened() {
    let transcript = check(
        "
        +0s door dials 301: mum, unmoved
        +4s door opens
        +5s mum claims
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum, unmoved
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +4s door opens
      ignored NotAlerting
    +5s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7205s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      lines: door in c1, mum in c1
    ");
}
