//! Publishes that are encoded once and sent again and again, one for each packet id of a window.
//! Source: MQTT 3.1.1 §3.3.
//!
//! ```text
//! payload: publisher (4 bytes) number (4 bytes) filling
//! ```

use crate::load::raw::{encode, put_text};

/// PUBLISH at QoS 1.
const PUBLISH: u8 = 0x32;

/// The number of the message that says: no more will come.
pub(super) const END: u32 = u32::MAX;

/// Publisher and number, the shortest payload.
pub(super) const MARK_BYTES: usize = 8;

const FILLING: u8 = b'x';

/// Who sends what, as far as it is the same in every message.
pub(super) struct Shape<'a> {
    pub(super) topic: &'a str,
    pub(super) publisher: u32,
    pub(super) payload_bytes: usize,
}

pub(super) struct Ring {
    packets: Vec<u8>,
    packet_bytes: usize,
    /// Where the number stands in a packet.
    number_at: usize,
    window: usize,
    /// How many were taken.
    taken: u32,
}

impl Ring {
    pub(super) fn new(shape: &Shape<'_>, window: u16) -> Self {
        let filling = shape.payload_bytes.saturating_sub(MARK_BYTES);
        let mut packets = Vec::new();
        for id in 1..=window.max(1) {
            let mut body = Vec::new();
            put_text(&mut body, shape.topic);
            body.extend(id.to_be_bytes());
            body.extend(shape.publisher.to_be_bytes());
            body.extend(0_u32.to_be_bytes());
            body.resize(body.len() + filling, FILLING);
            packets.extend(encode(PUBLISH, &body));
        }
        let window = usize::from(window.max(1));
        let packet_bytes = packets.len() / window;
        Self {
            packets,
            packet_bytes,
            number_at: packet_bytes - filling - 4,
            window,
            taken: 0,
        }
    }

    pub(super) fn window(&self) -> usize {
        self.window
    }

    /// How many were taken so far.
    pub(super) fn taken(&self) -> u32 {
        self.taken
    }

    /// The next publishes, at least one and at most `count`, fewer where the ring ends.
    pub(super) fn take(&mut self, count: usize) -> &[u8] {
        let first = self.taken as usize % self.window;
        let count = count.clamp(1, self.window - first);
        for slot in first..first + count {
            self.put_number(slot, self.taken);
            self.taken += 1;
        }
        &self.packets[first * self.packet_bytes..(first + count) * self.packet_bytes]
    }

    /// The publish that says that no more will come; to be taken last.
    pub(super) fn take_end(&mut self) -> &[u8] {
        let slot = self.taken as usize % self.window;
        self.put_number(slot, END);
        &self.packets[slot * self.packet_bytes..(slot + 1) * self.packet_bytes]
    }

    fn put_number(&mut self, slot: usize, number: u32) {
        let at = slot * self.packet_bytes + self.number_at;
        self.packets[at..at + 4].copy_from_slice(&number.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::raw::decode;

    const SHAPE: Shape<'_> = Shape {
        topic: "a/b",
        publisher: 7,
        payload_bytes: 20,
    };

    /// Packet id and number of each publish.
    fn read(mut bytes: &[u8]) -> Vec<(u8, u8)> {
        let mut found = Vec::new();
        while let Some((head, body, end)) = decode(bytes).unwrap() {
            assert_eq!((head, body.len()), (PUBLISH, 2 + 3 + 2 + 20));
            assert_eq!(body[7..11], 7_u32.to_be_bytes());
            found.push((body[6], body[14]));
            bytes = &bytes[end..];
        }
        found
    }

    #[test]
    fn a_ring_gives_ids_in_turn_and_numbers_without_gap() {
        let mut ring = Ring::new(&SHAPE, 3);

        assert_eq!(read(ring.take(2)), [(1, 0), (2, 1)]);
        assert_eq!(read(ring.take(2)), [(3, 2)]);
        assert_eq!(read(ring.take(9)), [(1, 3), (2, 4), (3, 5)]);
        assert_eq!(read(ring.take_end()), [(1, 255)]);
        assert_eq!(ring.taken(), 6);
    }
}
