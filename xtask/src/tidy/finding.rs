//! What a rule has to say about one place.

use std::fmt;

/// One broken rule, printed as `path:line: what is wrong`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    /// Counts from 1; nothing when the whole file is meant.
    line: Option<usize>,
    text: String,
}

impl Finding {
    pub(super) fn in_file(path: &str, text: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line: None,
            text: text.into(),
        }
    }

    pub(super) fn on_line(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line: Some(line),
            text: text.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.text),
            None => write!(f, "{}: {}", self.path, self.text),
        }
    }
}

/// Compares findings with their printed lines.
#[cfg(test)]
#[track_caller]
pub(super) fn assert_findings(findings: &[Finding], expected: &[&str]) {
    let shown: Vec<String> = findings.iter().map(Finding::to_string).collect();

    assert_eq!(shown, expected);
}
