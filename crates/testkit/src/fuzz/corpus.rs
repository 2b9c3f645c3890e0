//! Inputs as files: hexadecimal, sixteen bytes to a line, in `tests/corpus/<target>` of the crate that
//! is tried.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::target::Target;

const LINE_BYTES: usize = 16;

fn folder(target: &Target) -> PathBuf {
    Path::new(target.home)
        .join("tests/corpus")
        .join(target.name)
}

/// All inputs of a target with the names of their files, in the order of these.
pub(super) fn load(target: &Target) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(folder(target)).expect("each target has a corpus");
    let mut inputs: Vec<_> = files
        .map(|file| {
            let path = file.expect("readable").path();
            let text = std::fs::read_to_string(&path).expect("readable");
            (path.display().to_string(), from_hex(&text))
        })
        .collect();
    inputs.sort();
    inputs
}

/// Writes one input; returns where.
pub(super) fn save(target: &Target, name: &str, input: &[u8]) -> PathBuf {
    let folder = folder(target);
    std::fs::create_dir_all(&folder).expect("writable");
    let path = folder.join(format!("{name}.hex"));
    std::fs::write(&path, to_hex(input)).expect("writable");
    path
}

fn to_hex(input: &[u8]) -> String {
    let mut text = String::new();
    for line in input.chunks(LINE_BYTES) {
        for byte in line {
            write!(text, "{byte:02x} ").expect("text takes all");
        }
        text.truncate(text.len() - 1);
        text.push('\n');
    }
    text
}

fn from_hex(text: &str) -> Vec<u8> {
    let byte = |word| u8::from_str_radix(word, 16).expect("hexadecimal");
    text.split_whitespace().map(byte).collect()
}

#[test]
fn an_input_is_read_back_as_it_was_written() {
    let input: Vec<u8> = (0..=40).collect();

    assert_eq!(from_hex(&to_hex(&input)), input);
}
