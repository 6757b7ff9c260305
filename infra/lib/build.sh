# shellcheck shell=bash
# Source this file after tools.sh. It defines build_deployment.

# build_deployment [--released]: builds the functions with `sam build`, as infra/README.md says, the simulator, and wtb.
# Sets SAM (the SAM CLI), ARTIFACTS (the output of `sam build`), SIMULATOR and WTB (executables).
#
# --released builds the functions as .ci/release does. Linking those takes minutes, so the default is cargo's dev profile,
# without debug information: with it, a function exceeds the 250 MB that Lambda accepts.
build_deployment() {
  # Exported: the documented commands build once more, and must build alike.
  export CARGO_LAMBDA_COMPILER=cargo CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_DEV_STRIP=symbols
  [ "${1-}" = --released ] || export SAM_BUILD_MODE=debug
  local checks cargo_lambda log=$ROOT/target/sam-build.log architecture
  checks=$(venv check)
  cargo_lambda=$(cargo_lambda)
  architecture=$(uname -m | sed 's/aarch64/arm64/')
  PATH=$(dirname "$cargo_lambda"):$PATH
  SAM=$checks/bin/sam
  ARTIFACTS=$ROOT/target/sam
  mkdir -p "$ROOT/target"

  step "building the functions with sam build (minutes if nothing is compiled yet; log: target/sam-build.log)"
  if ! "$SAM" build --beta-features --template-file "$ROOT/infra/template.yaml" --build-dir "$ARTIFACTS" \
    --parameter-overrides Architecture="$architecture" > "$log" 2>&1; then
    cat "$log" >&2
    echo "sam build failed; its output is above" >&2
    return 1
  fi
  # Of the whole workspace, so that the dependencies have the features with which `cargo t` compiles them.
  step "building the simulator and wtb"
  env -u CARGO_PROFILE_DEV_DEBUG -u CARGO_PROFILE_DEV_STRIP \
    cargo build --quiet --locked --manifest-path "$ROOT/Cargo.toml" --workspace --example simulated_webex --bin wtb
  local target
  target=$(cargo metadata --manifest-path "$ROOT/Cargo.toml" --no-deps --offline --format-version 1 |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
  SIMULATOR=$target/debug/examples/simulated_webex WTB=$target/debug/wtb
}
