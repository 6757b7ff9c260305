# shellcheck shell=bash
# Source this file after tools.sh. It defines build_deployment.

# build_deployment [--released | --packaged FOLDER]: builds what is deployed, the simulator, and wtb. Sets SAM (the SAM
# CLI), ARTIFACTS (what is deployed), SIMULATOR and WTB (executables).
#
# --released: ARTIFACTS holds a release, made from binaries as .ci/release builds them. Linking those takes minutes.
# --packaged FOLDER: a release as well, from the binaries in FOLDER.
# The default is what `sam build` makes, as infra/README.md says, with cargo's dev profile without debug information: with
# it, a function exceeds the 250 MB that Lambda accepts.
build_deployment() {
  SAM=$(venv check)/bin/sam
  mkdir -p "$ROOT/target"
  build_programs
  case ${1-} in
    --released)
      step "building the functions as .ci/release does (minutes; log: target/release-build.log)"
      "$ROOT/.ci/release" --build-only > "$ROOT/target/release-build.log" 2>&1 ||
        { cat "$ROOT/target/release-build.log" >&2; return 1; }
      package_release "$ROOT/target/lambda" ;;
    --packaged) package_release "$2" ;;
    *) sam_build ;;
  esac
}

package_release() {
  step "packaging the binaries in $1"
  ARTIFACTS=$ROOT/target/deployed-package
  rm -rf "$ARTIFACTS"
  "$ROOT/infra/package" --binaries "$1" --out "$ARTIFACTS" > /dev/null
}

sam_build() {
  # Exported: the documented commands build once more, and must build alike.
  export CARGO_LAMBDA_COMPILER=cargo CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_DEV_STRIP=symbols SAM_BUILD_MODE=debug
  local cargo_lambda log=$ROOT/target/sam-build.log architecture
  cargo_lambda=$(cargo_lambda)
  architecture=$(uname -m | sed 's/aarch64/arm64/')
  PATH=$(dirname "$cargo_lambda"):$PATH
  ARTIFACTS=$ROOT/target/sam

  step "building the functions with sam build (minutes if nothing is compiled yet; log: target/sam-build.log)"
  if ! "$SAM" build --beta-features --template-file "$ROOT/infra/template.yaml" --build-dir "$ARTIFACTS" \
    --parameter-overrides Architecture="$architecture" > "$log" 2>&1; then
    cat "$log" >&2
    echo "sam build failed; its output is above" >&2
    return 1
  fi
}

build_programs() {
  # Of the whole workspace, so that the dependencies have the features with which `cargo t` compiles them. Before the
  # functions: what sam_build exports would compile the workspace's crates again.
  step "building the simulator and wtb"
  cargo build --quiet --locked --manifest-path "$ROOT/Cargo.toml" --workspace --example simulated_webex --bin wtb
  local target
  target=$(cargo metadata --manifest-path "$ROOT/Cargo.toml" --no-deps --offline --format-version 1 |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
  SIMULATOR=$target/debug/examples/simulated_webex WTB=$target/debug/wtb
}

# A folder whose programs hide the compilers and the SAM CLI when it is first on PATH.
without_compilers() {
  local folder=$ROOT/target/without-compilers name
  mkdir -p "$folder"
  for name in cargo cargo-lambda rustc sam; do
    printf '#!/bin/sh\necho "%s: a deployment of a release must not need it" >&2\nexit 127\n' "$name" > "$folder/$name"
    chmod +x "$folder/$name"
  done
  echo "$folder"
}
