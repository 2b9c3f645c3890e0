//! Logs: for people on a terminal, JSON otherwise. `KOUMEN_LOG` chooses what is logged.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging to standard error, at `level` unless `KOUMEN_LOG` says otherwise.
pub(super) fn start(level: &str) {
    let filter = EnvFilter::try_from_env("KOUMEN_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        logs.init();
    } else {
        logs.json().init();
    }
}
