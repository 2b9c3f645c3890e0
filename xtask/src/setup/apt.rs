//! Installs Debian packages, if this machine and this user can.
//!
//! Never asks for a password and never uses sudo.

use super::need::Need;
use crate::program;
use crate::say;
use crate::workspace;
use anyhow::{Result, bail};
use std::collections::BTreeSet;

/// Packages that bring a service.
const SERVICES: &[&str] = &["mosquitto"];

/// Installs the packages of what is missing, or fails naming them and the command.
pub(super) fn install(missing: &[&Need]) -> Result<()> {
    let packages: BTreeSet<&str> = missing.iter().map(|need| need.package).collect();
    let packages: Vec<&str> = packages.into_iter().collect();
    if !can_install() {
        bail!("{}", request(missing, &packages));
    }
    say::step(&format!(
        "installing what the tests need: {}",
        packages.join(", ")
    ));
    keep_stopped(&packages)?;
    apt_get(&["update"])?;
    apt_get(
        &[
            &["install", "-y", "--no-install-recommends"],
            packages.as_slice(),
        ]
        .concat(),
    )
}

/// Masks the services of packages that would start one when installed: tests run these programs
/// themselves, on free ports. Where there is no systemd, a run level of one user does the same.
fn keep_stopped(packages: &[&str]) -> Result<()> {
    for package in packages {
        let has_service = SERVICES.contains(package);
        let root = workspace::root();
        let version = &mut program::command(&root, "systemctl", ["--version"]);
        if has_service && program::find_answer(version).is_some() {
            let unit = format!("{package}.service");
            program::step(program::command(&root, "systemctl", ["mask", &unit]))?;
        }
    }
    Ok(())
}

fn can_install() -> bool {
    let root = workspace::root();
    let user = program::find_answer(&mut program::command(&root, "id", ["-u"]));
    let version = program::find_answer(&mut program::command(&root, "apt-get", ["--version"]));
    user.as_deref() == Some("0") && version.is_some()
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let mut command = program::command(&workspace::root(), "apt-get", arguments);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command.env("RUNLEVEL", "1");
    program::step(command)
}

/// What a person has to do, with a reason for each program.
fn request(missing: &[&Need], packages: &[&str]) -> String {
    let rows = missing.iter().map(|need| {
        format!(
            "  {} (Debian package {}): {}\n",
            need.name, need.package, need.why
        )
    });
    let rows: String = rows.collect();
    let install = "sudo apt-get install -y --no-install-recommends";
    format!(
        "the tests need programs that are missing:\n{rows}on Debian: {install} {}",
        packages.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::need;

    #[test]
    fn the_request_names_program_package_and_command() {
        let missing = need::every();
        let missing = &missing[..1];

        let text = request(missing, &["mosquitto-clients"]);

        assert_eq!(
            text,
            "the tests need programs that are missing:\n  mosquitto_sub (Debian package \
             mosquitto-clients): an independent MQTT subscriber against our broker\non Debian: \
             sudo apt-get install -y --no-install-recommends mosquitto-clients"
        );
    }
}
