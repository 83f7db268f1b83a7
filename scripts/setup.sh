#!/bin/sh
# Gets Bun, in the one version that Vigo is built with, and the packages, all inside of this folder. Wants Node with npm, or any
# Bun. To be sourced from the root of the clone (`. scripts/setup.sh`): it puts both on the PATH of the shell that asks, and
# changes none of its options. Quiet when there is nothing to do.

vigo_bun=1.4.5

# The executable comes in the platform's package; the script that would move it into Bun's own needs Node and is not run.
vigo_link_bun() {
  for found in .tools/node_modules/@oven/bun-*/bin/bun .tools/node_modules/bun/bin/bun.exe; do
    [ -x "$found" ] && [ "$("$found" --version 2>/dev/null)" = "$vigo_bun" ] || continue
    mkdir -p .tools/bin && ln -sf "../../$found" .tools/bin/bun && ln -sf "../../$found" .tools/bin/bunx
    return
  done
  return 1
}

vigo_get_bun() {
  echo "setup: getting Bun $vigo_bun into .tools/" >&2
  mkdir -p .tools || return
  [ -f .tools/package.json ] || echo '{ "private": true }' >.tools/package.json || return
  if command -v npm >/dev/null 2>&1; then
    npm install --prefix .tools --save-exact --ignore-scripts --no-audit --no-fund --loglevel=error "bun@$vigo_bun" >/dev/null
  elif command -v bun >/dev/null 2>&1; then
    bun add --cwd .tools --exact --ignore-scripts --silent "bun@$vigo_bun" >/dev/null
  else
    echo "setup: needs Node with npm (https://nodejs.org), or Bun (https://bun.sh); found neither" >&2
    return 1
  fi
}

vigo_setup() {
  if [ ! -f scripts/setup.sh ] || [ ! -f bun.lock ]; then
    echo "setup: run this in the root of the clone" >&2
    return 1
  fi
  case :$PATH: in
  *":$PWD/.tools/bin:"*) ;;
  *) PATH=$PWD/.tools/bin:$PWD/node_modules/.bin:$PATH ;;
  esac
  if [ "$(.tools/bin/bun --version 2>/dev/null)" != "$vigo_bun" ]; then
    vigo_link_bun || { vigo_get_bun && vigo_link_bun; } || {
      echo "setup: could not get Bun $vigo_bun" >&2
      return 1
    }
    hash -r 2>/dev/null
  fi
  [ -d node_modules ] || echo "setup: installing packages into node_modules/" >&2
  .tools/bin/bun install --frozen-lockfile --silent || {
    echo "setup: could not install the packages; is the npm registry reachable?" >&2
    return 1
  }
}

vigo_setup
