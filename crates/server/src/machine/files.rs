//! The limit on open files, of which every connection needs one. Source: getrlimit(2).

use std::io;

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises this process's soft limit to the hard one; what that is now. Children get the same.
pub(crate) fn raise_files() -> io::Result<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit)?;
    Ok(limit.maximum.unwrap_or(u64::MAX))
}
