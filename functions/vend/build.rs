//! What only the linker can leave out of the deployed binary, which holds Cedar and must stay below 9 MB.

#![expect(clippy::disallowed_methods, reason = "a build script is told everything by its environment")]

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=release.ld");
    if var("PROFILE") == "release" && links_with_lld() {
        // Functions of the same machine code are one: many, since generic code is compiled anew for each type.
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
        // What a panic needs to unwind; in a release it aborts.
        println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}/release.ld", var("CARGO_MANIFEST_DIR"));
    }
}

/// Whether rustc links with the LLD that it brings along, as it does on this target unless it is told otherwise. Others
/// (of cross-compilers, of distributions) do not know these options: their binaries are larger, and as good.
fn links_with_lld() -> bool {
    let usual = var("TARGET") == "x86_64-unknown-linux-gnu" && var("RUSTC_LINKER").is_empty();
    let sysroot = Command::new(var("RUSTC")).args(["--print", "sysroot"]).output();
    let lld = |root: &str| Path::new(root.trim()).join("lib/rustlib/x86_64-unknown-linux-gnu/bin/gcc-ld").is_dir();
    usual && sysroot.is_ok_and(|output| lld(&String::from_utf8_lossy(&output.stdout)))
}

fn var(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}
