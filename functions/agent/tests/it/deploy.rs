//! The files by which the agent is deployed.

use std::process::Command;

const UNIT: &str = include_str!("../../deploy/webex-token-agent.service");

/// Runs systemd-analyze on the unit, with the binary of the tests in place of the installed one. `None` if systemd is not
/// installed.
#[expect(clippy::print_stdout, reason = "tells the person who runs the tests what was skipped and why")]
fn analyze(arguments: &[&str]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("webex-token-agent.service");
    let text = UNIT.replace("/usr/local/bin/webex-token-agent", crate::fixture::EXECUTABLE);
    // The user exists on no machine of the tests, and its absence is not what is checked.
    std::fs::write(&unit, text.replace("User=webex-token-agent", "User=daemon").replace("Group=webex-token-agent", ""))
        .unwrap();
    let output = Command::new("systemd-analyze").args(arguments).arg(&unit).output().ok();
    let Some(output) = output else {
        println!("skipped: systemd-analyze is not installed");
        return None;
    };
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
    Some(text)
}

#[test]
fn systemd_unit_is_valid() {
    let Some(text) = analyze(&["verify", "--man=no", "--recursive-errors=no"]) else { return };
    assert!(!text.contains("webex-token-agent.service:"), "{text}");
}

#[test]
fn systemd_unit_is_hardened() {
    // 10 is no protection at all; systemd calls less than 2 safe.
    let _ = analyze(&["security", "--offline=true", "--threshold=20"]);
}
