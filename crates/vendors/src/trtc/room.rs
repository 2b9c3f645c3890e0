//! A media room's name, in either of TRTC's two name spaces.
//!
//! The number 123 and the text "123" are different rooms: two parties that disagree on the kind
//! sit in two silent rooms. The seeds call the kind `room_id_type`.
//! Source: TRTC product documentation, "roomId and strRoomId".

/// A room name that TRTC accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Integer(u32),
    Text(String),
}

/// The number or text names no TRTC room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRoom {
    /// 0 is reserved, and pages of the vendor disagree about 4294967295.
    #[error("a TRTC room number is 1 to 4294967294")]
    Number,
    /// Empty, longer than 64 bytes, or a character outside the vendor's list.
    #[error("a TRTC room text is 1 to 64 ASCII characters out of the documented set")]
    Text,
}

impl Room {
    /// The longest text in bytes.
    pub const TEXT_BYTES_MAX: usize = 64;

    /// A room in the numeric name space, 1 to 4294967294.
    pub fn integer(number: u32) -> Result<Room, InvalidRoom> {
        if matches!(number, 0 | u32::MAX) {
            return Err(InvalidRoom::Number);
        }
        Ok(Room(Kind::Integer(number)))
    }

    /// A room in the text name space: 1 to 64 ASCII letters, digits, spaces and
    /// ``!#$%&()+-:;<=.>?@[]^_{}|~,``.
    pub fn text(text: &str) -> Result<Room, InvalidRoom> {
        let length_fits = (1..=Self::TEXT_BYTES_MAX).contains(&text.len());
        if !length_fits || !text.bytes().all(is_allowed) {
            return Err(InvalidRoom::Text);
        }
        Ok(Room(Kind::Text(text.to_owned())))
    }

    /// The number of a numeric room; `None` for a text room.
    pub fn number(&self) -> Option<u32> {
        match &self.0 {
            Kind::Integer(number) => Some(*number),
            Kind::Text(_) => None,
        }
    }

    /// The name of a text room; `None` for a numeric room.
    pub fn name(&self) -> Option<&str> {
        match &self.0 {
            Kind::Integer(_) => None,
            Kind::Text(text) => Some(text),
        }
    }
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" !#$%&()+-:;<=.>?@[]^_{}|~,".contains(&byte)
}
