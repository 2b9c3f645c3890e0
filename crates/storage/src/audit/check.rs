//! Whether the chains are whole.

use std::collections::BTreeMap;
use std::fmt;

use crate::audit::head::{ALL, ChainHead};
use crate::audit::key::AuditKey;
use crate::audit::row::AuditRow;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Rows that were looked at.
    pub rows: i64,
    /// Where each chain ends.
    pub heads: Vec<ChainHead>,
    /// The first fault of each chain.
    pub faults: Vec<AuditFault>,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditFault {
    /// A row was changed.
    Changed {
        /// In whose chain.
        door: String,
        /// Which row.
        seq: i64,
    },
    /// A row is gone.
    Missing {
        /// From whose chain.
        door: String,
        /// Which row.
        seq: i64,
    },
    /// What says where the chain ends was changed, or is gone.
    Head {
        /// Whose; `*`: what counts the rows of all chains.
        door: String,
    },
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { door, seq } => write!(f, "door {door}: row {seq} was changed"),
            Self::Missing { door, seq } => write!(f, "door {door}: row {seq} is missing"),
            Self::Head { door } if door == ALL => {
                f.write_str("rows are missing: whole chains, or what counts them")
            }
            Self::Head { door } => write!(f, "door {door}: what says where it ends was changed"),
        }
    }
}

/// Follows the chains row by row.
pub(super) struct Check<'a> {
    key: &'a AuditKey,
    heads: BTreeMap<String, ChainHead>,
    present: Option<Chain>,
    report: AuditReport,
}

struct Chain {
    door: String,
    count: i64,
    mac: [u8; 32],
    fault: Option<AuditFault>,
}

impl<'a> Check<'a> {
    pub(super) fn new(key: &'a AuditKey, heads: Vec<ChainHead>) -> Self {
        let heads = heads.into_iter().map(|head| (head.door.clone(), head));
        Self {
            key,
            heads: heads.collect(),
            present: None,
            report: AuditReport::default(),
        }
    }

    /// The next row, in the order of doors and numbers.
    pub(super) fn row(&mut self, row: &AuditRow) {
        let is_other = |chain: &Chain| chain.door != row.door;
        if self.present.as_ref().is_none_or(is_other) {
            self.end_chain();
            self.present = Some(Chain {
                door: row.door.clone(),
                count: 0,
                mac: [0; 32],
                fault: None,
            });
        }
        self.report.rows += 1;
        let Some(chain) = &mut self.present else {
            return;
        };
        let (door, seq) = (row.door.clone(), row.seq);
        let fault = if seq != chain.count + 1 {
            let seq = chain.count + 1;
            Some(AuditFault::Missing { door, seq })
        } else if row.previous != chain.mac || row.mac != row.due(self.key) {
            Some(AuditFault::Changed { door, seq })
        } else {
            None
        };
        chain.count = seq;
        chain.mac = row.mac;
        chain.fault = chain.fault.take().or(fault);
    }

    /// After the last row.
    pub(super) fn finish(mut self) -> AuditReport {
        self.end_chain();
        let all = self.heads.remove(ALL);
        for (door, head) in std::mem::take(&mut self.heads) {
            // Their rows are all gone.
            let seq = 1;
            self.report.faults.push(AuditFault::Missing { door, seq });
            self.report.heads.push(head);
        }
        let counted = self.report.rows;
        let is_whole = match &all {
            Some(all) => all.is_sealed(self.key) && all.count == counted,
            None => counted == 0,
        };
        if !is_whole && self.report.faults.is_empty() {
            let door = ALL.to_owned();
            self.report.faults.push(AuditFault::Head { door });
        }
        self.report.heads.extend(all);
        self.report
    }

    fn end_chain(&mut self) {
        let Some(Chain {
            door,
            count,
            mac,
            fault,
        }) = self.present.take()
        else {
            return;
        };
        let head = self.heads.remove(&door);
        let at_end = match &head {
            Some(head) if head.count > count => {
                let (door, seq) = (door.clone(), count + 1);
                Some(AuditFault::Missing { door, seq })
            }
            Some(head) if head.is_sealed(self.key) && head.count == count && head.mac == mac => {
                None
            }
            Some(_) | None => Some(AuditFault::Head { door }),
        };
        self.report.faults.extend(fault.or(at_end));
        self.report.heads.extend(head);
    }
}
