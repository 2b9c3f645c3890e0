//! Bytes and packets of MQTT 3.1, 3.1.1 and 5. Decoding is `rmqtt-codec`'s; encoding, being on the
//! path of every delivery, is by hand straight into the outgoing buffer.
//! Knows no sessions and no sockets.

mod code;
mod packet;
mod properties;
mod connect;
mod aliases;
mod decode;
mod publish;
mod encode;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod fuzz;

pub(crate) use code::{Fault, refusal_code};
pub(crate) use connect::{Opening, Will};
pub(crate) use decode::{Decoder, decode_connect};
pub(crate) use encode::{
    Acceptance, Answer, acceptance, answer, disconnect, ping, refusal, suback, unsuback,
};
pub(crate) use packet::{Packet, Published, Request, RetainHandling};
pub(crate) use publish::{Head, publish, publish_bytes};
