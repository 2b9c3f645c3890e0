//! Topic aliases of a v5 client (MQTT 5 §3.3.2.3.4), for one connection.
//! Knows names only as text; whether they are valid is looked at by the decoder.

use bytestring::ByteString;

use super::code::Fault;

/// What the client's aliases stand for.
#[derive(Debug)]
pub(super) struct Aliases {
    max: u16,
    /// By alias minus one.
    topics: Vec<ByteString>,
}

impl Aliases {
    pub(super) fn new(max: u16) -> Aliases {
        Aliases {
            max,
            topics: Vec::new(),
        }
    }

    /// The topic of a PUBLISH with this alias; a topic that is not empty gives the alias that
    /// meaning [MQTT-3.3.2-12].
    pub(super) fn resolve(&mut self, alias: u16, topic: ByteString) -> Result<ByteString, Fault> {
        if alias == 0 || alias > self.max {
            return Err(Fault::TOPIC_ALIAS);
        }
        let at = usize::from(alias) - 1;
        if topic.is_empty() {
            let known = self.topics.get(at).filter(|topic| !topic.is_empty());
            return known.cloned().ok_or(Fault::PROTOCOL);
        }
        if self.topics.len() <= at {
            self.topics.resize(at + 1, ByteString::new());
        }
        // A copy: the name is a slice of a receive buffer, which must not live as long as the alias.
        self.topics[at] = ByteString::from(&*topic);
        Ok(topic)
    }
}

/// True if the packet is a v5 PUBLISH whose topic alias is 0, which the codec calls malformed
/// though it has a reason of its own [MQTT-3.3.2-8]. False for anything it cannot read.
pub(super) fn is_zero(first: u8, body: &[u8]) -> bool {
    first & 0xF0 == 0x30 && find_alias(first, body) == Some(0)
}

fn find_alias(first: u8, mut body: &[u8]) -> Option<u16> {
    skip_text(&mut body)?;
    if first & 0b0110 != 0 {
        take(&mut body, 2)?;
    }
    let length = take_length(&mut body)?;
    let mut properties = take(&mut body, length)?;
    while let Some(id) = take(&mut properties, 1) {
        match id[0] {
            0x01 => drop(take(&mut properties, 1)?),
            0x02 => drop(take(&mut properties, 4)?),
            0x03 | 0x08 | 0x09 => skip_text(&mut properties)?,
            0x0B => drop(take_length(&mut properties)?),
            0x23 => return take_u16(&mut properties),
            0x26 => {
                skip_text(&mut properties)?;
                skip_text(&mut properties)?;
            }
            _ => return None,
        }
    }
    None
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

fn take_u16(bytes: &mut &[u8]) -> Option<u16> {
    take(bytes, 2).map(|two| u16::from_be_bytes([two[0], two[1]]))
}

fn skip_text(bytes: &mut &[u8]) -> Option<()> {
    let length = take_u16(bytes)?;
    take(bytes, length.into()).map(|_| ())
}

fn take_length(bytes: &mut &[u8]) -> Option<usize> {
    let mut length = 0;
    for shift in [0, 7, 14, 21] {
        let byte = take(bytes, 1)?[0];
        length |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(length);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_means_what_it_was_last_given_with() {
        let mut aliases = Aliases::new(2);

        assert_eq!(aliases.resolve(2, "a".into()), Ok("a".into()));
        assert_eq!(aliases.resolve(2, "".into()), Ok("a".into()));
        assert_eq!(aliases.resolve(2, "b".into()), Ok("b".into()));
        assert_eq!(aliases.resolve(2, "".into()), Ok("b".into()));
        assert_eq!(aliases.resolve(1, "".into()), Err(Fault::PROTOCOL));
        assert_eq!(aliases.resolve(3, "a".into()), Err(Fault::TOPIC_ALIAS));
    }

    #[test]
    fn an_alias_of_zero_is_found_behind_other_properties() {
        let zero = [
            0, 1, b'a', 0, 9, 10, 0x01, 1, 0x03, 0, 2, b'x', b'y', 0x23, 0, 0,
        ];

        assert!(is_zero(0x32, &zero));
        assert!(!is_zero(0x32, &zero[..14]));
        assert!(!is_zero(0x82, &zero));
        assert!(!is_zero(0x30, &[0, 1, b'a', 3, 0x23, 0, 1]));
        assert!(!is_zero(0x30, &[0, 1, b'a', 0, 0x23, 0, 0]));
    }
}
