//! The bounds of what operators write.

use crate::directory::DeviceKind;
use crate::failure::Failure;
use crate::secret::Secret;

/// Device ids leave room for a prefix inside the 32 characters of a media user id.
const DEVICE_ID_MAX: usize = 28;

/// Words that stand for something else below `devices/` in topics.
const DEVICE_IDS_RESERVED: [&str; 7] = [
    "telemetry",
    "attributes",
    "event",
    "command",
    "register",
    "config",
    "status",
];

/// Begins the server's own client ids at other brokers, where a device's client id is its own.
const OWN_CLIENT_IDS: &str = "koumen-";

const NAME_MAX: usize = 64;
const PASSWORD_MIN: usize = 8;
const PASSWORD_MAX: usize = 128;

pub(super) fn check_name(field: &'static str, name: &str) -> Result<(), Failure> {
    if name.is_empty() || name.len() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Failure::Invalid {
            field,
            problem: "must be 1 to 64 bytes of text",
        });
    }
    Ok(())
}

pub(super) fn check_place(place: &str) -> Result<(), Failure> {
    if place.len() > NAME_MAX || place.chars().any(char::is_control) {
        return Err(Failure::Invalid {
            field: "place",
            problem: "must be at most 64 bytes of text",
        });
    }
    Ok(())
}

pub(super) fn check_password(password: &Secret) -> Result<(), Failure> {
    if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&password.expose().len()) {
        return Err(Failure::Invalid {
            field: "password",
            problem: "must be 8 to 128 bytes",
        });
    }
    Ok(())
}

pub(super) fn check_device_id(id: &str) -> Result<(), Failure> {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if id.is_empty() || id.len() > DEVICE_ID_MAX || !id.bytes().all(is_safe) {
        let problem = "must be 1 to 28 letters, digits, '_' or '-'";
        return Err(Failure::Invalid {
            field: "id",
            problem,
        });
    }
    if DEVICE_IDS_RESERVED.contains(&id) || id.starts_with(OWN_CLIENT_IDS) {
        return Err(Failure::Invalid {
            field: "id",
            problem: "is a reserved word",
        });
    }
    Ok(())
}

/// Whoever calls from an address is known by it, so it must be one machine's.
pub(super) fn check_kind(kind: &DeviceKind) -> Result<(), Failure> {
    let Some(peer) = kind.peer() else {
        return Ok(());
    };
    let is_nobodys = peer.ip.is_unspecified() || peer.ip.is_multicast();
    let is_mapped = peer.ip.to_canonical() != peer.ip;
    if peer.port == 0 || is_nobodys || is_mapped {
        return Err(Failure::Invalid {
            field: "address",
            problem: "must be the address and port of one machine",
        });
    }
    Ok(())
}
