//! Every message in every profile as a file: what is written equals it byte for byte, and read it is
//! the message again.
//!
//! The files lie in `tests/golden/<profile>`, a frame each without its NUL. With
//! `KOUMEN_TEST_GOLDEN=write` in the environment they are written anew; the difference is for a
//! person to judge.

use std::path::{Path, PathBuf};

use dialect_smartbox::wire::{Frame, Profile, decode, encode};

use crate::cast::{heard, messages};

const WRITE: &str = "KOUMEN_TEST_GOLDEN";

/// The id of every message in the files.
const ID: &str = "1000123";

#[test]
fn what_is_written_equals_the_golden_files() {
    for profile in Profile::ALL {
        for (name, message) in messages(profile) {
            let mut written = encode(&message, ID, profile).to_vec();

            assert_eq!(written.pop(), Some(0), "{name}");
            written.push(b'\n');
            compare(&path(profile, name), &written);
        }
    }
}

#[test]
fn the_golden_files_are_read_as_their_messages() {
    for profile in Profile::ALL {
        for (name, message) in messages(profile) {
            let golden = std::fs::read(path(profile, name)).unwrap();

            let expected = Frame {
                id: Some(ID.into()),
                message: heard(&message, profile),
            };
            assert_eq!(decode(&golden), Ok(expected), "{profile:?} {name}");
        }
    }
}

#[test]
fn there_is_no_golden_file_without_its_message() {
    for profile in Profile::ALL {
        let folder = path(profile, "").with_file_name("");

        let files = std::fs::read_dir(folder).unwrap().count();

        assert_eq!(files, messages(profile).len(), "{profile:?}");
    }
}

/// All golden frames, without their NUL.
pub(crate) fn frames() -> Vec<Vec<u8>> {
    let all = Profile::ALL.into_iter().flat_map(|profile| {
        let names = messages(profile).into_iter();
        names.map(move |(name, _)| std::fs::read(path(profile, name)).unwrap())
    });
    all.collect()
}

fn path(profile: Profile, name: &str) -> PathBuf {
    let folder = match profile {
        Profile::V04 => "v04",
        Profile::V05 => "v05",
        Profile::Field => "field",
    };
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(folder)
        .join(format!("{name}.json"))
}

fn compare(path: &Path, written: &[u8]) {
    if std::env::var_os(WRITE).is_some_and(|wish| wish == "write") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, written).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    let written = std::str::from_utf8(written).unwrap();
    assert_eq!(written, golden, "{}", path.display());
}
