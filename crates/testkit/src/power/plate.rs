//! What a disk holds, and what of it would survive a cut: pure, no files and no SQLite.
//!
//! A file's name and its content are apart, as on a real disk: syncing a file makes its content
//! durable, syncing the folder every name in it, those taken away included.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::dice::Dice;

/// What a disk writes at once; a longer write may be torn between sectors.
const SECTOR_BYTES: usize = 512;

/// What of the unsynced survives a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survivors {
    /// Nothing.
    None,
    /// Each sector of each write by the fall of seeded dice, a later one over an earlier one.
    Some(u64),
    /// Everything, as after `kill -9`.
    All,
}

/// Stands for a file's content, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Node(usize);

/// The platter and the cache above it.
#[derive(Debug, Default)]
pub(super) struct Plate {
    contents: Vec<Content>,
    /// Names as programs see them.
    seen: BTreeMap<PathBuf, Node>,
    /// Names as they would be found after a cut.
    durable: BTreeMap<PathBuf, Node>,
}

#[derive(Debug, Default)]
struct Content {
    synced: Vec<u8>,
    /// How many changes `synced` holds; those that wait follow them.
    done: usize,
    pending: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate { bytes: usize },
}

impl Plate {
    /// The file of this name; a new one begins with `found` as its synced content if the folder
    /// had it, and has otherwise no durable name before the folder is synced.
    pub(super) fn open(&mut self, path: &Path, found: Option<Vec<u8>>) -> Node {
        if let Some(node) = self.seen.get(path) {
            return *node;
        }
        let node = Node(self.contents.len());
        if found.is_some() {
            self.durable.insert(path.to_owned(), node);
        }
        self.contents.push(Content {
            synced: found.unwrap_or_default(),
            ..Content::default()
        });
        self.seen.insert(path.to_owned(), node);
        node
    }

    pub(super) fn knows(&self, path: &Path) -> bool {
        self.seen.contains_key(path)
    }

    pub(super) fn write(&mut self, node: Node, offset: usize, bytes: &[u8]) {
        let bytes = bytes.to_vec();
        self.change(node, Change::Write { offset, bytes });
    }

    pub(super) fn truncate(&mut self, node: Node, bytes: usize) {
        self.change(node, Change::Truncate { bytes });
    }

    fn change(&mut self, node: Node, change: Change) {
        self.contents[node.0].pending.push(change);
    }

    /// The mark that a sync which begins now reaches.
    pub(super) fn mark(&self, node: Node) -> usize {
        let content = &self.contents[node.0];
        content.done + content.pending.len()
    }

    /// The changes before `mark` are durable.
    pub(super) fn sync(&mut self, node: Node, mark: usize) {
        let content = &mut self.contents[node.0];
        // A sync that began later may have ended sooner.
        let count = mark.saturating_sub(content.done);
        for change in content.pending.drain(..count) {
            change.apply(&mut content.synced);
        }
        content.done += count;
    }

    /// The names are durable as they are.
    pub(super) fn sync_folder(&mut self) {
        self.durable.clone_from(&self.seen);
    }

    pub(super) fn delete(&mut self, path: &Path) {
        self.seen.remove(path);
    }

    /// The files found after a cut.
    pub(super) fn survive(&self, survivors: Survivors) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut chance = Chance::of(survivors);
        let paths: BTreeSet<&PathBuf> = self.seen.keys().chain(self.durable.keys()).collect();
        let mut found = BTreeMap::new();
        for path in paths {
            let (seen, durable) = (self.seen.get(path), self.durable.get(path));
            let named = if seen != durable && chance.falls() {
                seen
            } else {
                durable
            };
            if let Some(node) = named {
                found.insert(path.clone(), self.contents[node.0].survive(&mut chance));
            }
        }
        found
    }
}

impl Content {
    fn survive(&self, chance: &mut Chance) -> Vec<u8> {
        let mut bytes = self.synced.clone();
        for change in &self.pending {
            match change {
                Change::Write {
                    offset,
                    bytes: written,
                } => {
                    for (at, sector) in sectors(*offset, written) {
                        if chance.falls() {
                            write_at(&mut bytes, at, sector);
                        }
                    }
                }
                Change::Truncate { .. } if chance.falls() => change.apply(&mut bytes),
                Change::Truncate { .. } => {}
            }
        }
        bytes
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => write_at(content, *offset, bytes),
            Self::Truncate { bytes } => content.resize(*bytes, 0),
        }
    }
}

fn write_at(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset..end].copy_from_slice(bytes);
}

/// Cuts a write at the disk's sector bounds.
fn sectors(offset: usize, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let head = (SECTOR_BYTES - offset % SECTOR_BYTES).min(bytes.len());
    let (first, rest) = bytes.split_at(head);
    let rest = rest.chunks(SECTOR_BYTES).enumerate();
    let rest = rest.map(move |(no, chunk)| (offset + head + no * SECTOR_BYTES, chunk));
    std::iter::once((offset, first)).chain(rest)
}

enum Chance {
    Never,
    Always,
    /// How many in a hundred: one cut loses nearly all, another nearly nothing.
    Dice(Dice, u64),
}

impl Chance {
    fn of(survivors: Survivors) -> Self {
        match survivors {
            Survivors::None => Self::Never,
            Survivors::All => Self::Always,
            Survivors::Some(seed) => {
                let mut dice = Dice::new(seed);
                let percent = dice.pick(&[5, 50, 95]);
                Self::Dice(dice, percent)
            }
        }
    }

    fn falls(&mut self) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::Dice(dice, percent) => dice.chance(*percent),
        }
    }
}
