//! Frames come out the same however their bytes were cut, and no stranger fills our memory.

use dialect_smartbox::wire::{FRAME_MAX, FrameReader, TooLong};

use crate::golden::frames;

/// B9's other half: what waits for its NUL is bounded, and what follows is not read.
#[test]
fn more_than_the_limit_without_a_nul_is_refused_and_not_kept() {
    let mut reader = FrameReader::new();

    assert_eq!(reader.push(b"{}\0 "), Ok(()));
    assert_eq!(reader.push(&vec![b'x'; FRAME_MAX - 1]), Ok(()));
    assert_eq!(reader.push(b"x"), Err(TooLong));
    assert_eq!(reader.push(b"\0{}\0"), Err(TooLong));
    assert_eq!(reader.next_frame().as_deref(), Some(&b"{}"[..]));
    assert_eq!(reader.next_frame(), None);
    assert!(reader.is_empty());
}

#[test]
fn a_frame_of_exactly_the_limit_is_taken_whole_and_in_pieces() {
    let mut frame = vec![b'x'; FRAME_MAX];
    frame.push(0);

    for piece in [1, 4096, FRAME_MAX + 1] {
        let (frames, result) = read(&frame, piece);

        assert_eq!(result, Ok(()));
        assert_eq!(frames[0].len(), FRAME_MAX, "pieces of {piece}");
    }
}

#[test]
fn white_space_without_end_is_no_way_around_the_limit() {
    let spaces = vec![b' '; FRAME_MAX + 1];

    for piece in [1, 1000, FRAME_MAX + 1] {
        assert_eq!(read(&spaces, piece), (Vec::new(), Err(TooLong)));
    }
}

#[test]
fn every_frame_split_at_every_byte_is_the_same() {
    for golden in frames() {
        let mut bytes = golden.clone();
        bytes.push(0);
        for at in 0..=bytes.len() {
            let mut reader = FrameReader::new();
            reader.push(&bytes[..at]).unwrap();
            reader.push(&bytes[at..]).unwrap();

            assert_eq!(reader.next_frame().as_deref(), Some(golden.trim_ascii()));
            assert!(reader.is_empty());
        }
    }
}

#[test]
fn many_frames_in_pieces_of_any_size_are_the_same() {
    let all = frames();
    let bytes: Vec<u8> = all
        .iter()
        .flat_map(|frame| [frame.as_slice(), b"\0"].concat())
        .collect();
    let expected: Vec<&[u8]> = all.iter().map(|frame| frame.trim_ascii()).collect();

    for piece in [1, 2, 3, 7, 64, 1000, bytes.len()] {
        let (frames, result) = read(&bytes, piece);

        assert_eq!(result, Ok(()));
        assert_eq!(frames, expected, "pieces of {piece}");
    }
}

#[test]
fn two_frames_in_one_piece_are_two() {
    let (frames, _) = read(b"{\"a\":1}\0{\"b\":2}\0", usize::MAX);

    assert_eq!(frames, [b"{\"a\":1}", b"{\"b\":2}"]);
}

#[test]
fn white_space_around_the_nul_is_no_part_of_a_frame() {
    for bytes in [
        &b"{\"a\":\r\n 1}\r\n\0\r\n{}\0"[..],
        b"\r\n{\"a\":\r\n 1} \t\0 \n\0\0\r\n{} \0",
        b"\0\0{\"a\":\r\n 1}\0{}\r\n\0\r\n",
    ] {
        for piece in 1..bytes.len() {
            let (frames, _) = read(bytes, piece);

            assert_eq!(frames, [&b"{\"a\":\r\n 1}"[..], b"{}"], "pieces of {piece}");
        }
    }
}

#[test]
fn a_frame_that_has_begun_is_seen() {
    let mut reader = FrameReader::new();

    reader.push(b" \r\n").unwrap();
    assert!(reader.is_empty());
    reader.push(b"{").unwrap();
    assert!(!reader.is_empty() && reader.next_frame().is_none());
    reader.push(b"}\0").unwrap();
    assert!(!reader.is_empty() && reader.next_frame().is_some());
    assert!(reader.is_empty());
}

/// All frames of `bytes` that come in pieces of this size, and how it ended.
pub(crate) fn read(bytes: &[u8], piece: usize) -> (Vec<Vec<u8>>, Result<(), TooLong>) {
    let mut reader = FrameReader::new();
    let mut frames = Vec::new();
    for part in bytes.chunks(piece) {
        let result = reader.push(part);
        while let Some(frame) = reader.next_frame() {
            frames.push(frame.to_vec());
        }
        if result.is_err() {
            return (frames, result);
        }
    }
    (frames, Ok(()))
}
