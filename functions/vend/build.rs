//! Linker options that make the release binary smaller. It contains Cedar and must stay below 9 MB.

#![expect(clippy::disallowed_methods, reason = "cargo configures build scripts by the environment")]

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=release.ld");
    if var("PROFILE") == "release" && links_with_lld() {
        // Merges functions with the same machine code, of which generic code produces many.
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
        // Unwinding tables are not needed: a panic aborts a release build.
        println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}/release.ld", var("CARGO_MANIFEST_DIR"));
    }
}

/// Whether rustc links with its own LLD, the default on this target. Other linkers (of cross-compilers, of distributions)
/// do not know these options; their binaries work as well and are larger.
fn links_with_lld() -> bool {
    if var("TARGET") != "x86_64-unknown-linux-gnu" || !var("RUSTC_LINKER").is_empty() {
        return false;
    }
    let Ok(output) = Command::new(var("RUSTC")).args(["--print", "sysroot"]).output() else {
        return false;
    };
    let sysroot = String::from_utf8_lossy(&output.stdout);
    Path::new(sysroot.trim()).join("lib/rustlib/x86_64-unknown-linux-gnu/bin/gcc-ld").is_dir()
}

fn var(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}
