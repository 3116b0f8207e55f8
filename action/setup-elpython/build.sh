#!/usr/bin/env bash
# Build EL Python from a release archive, unless PREFIX holds it already.
# Reads ARCHIVE, SHA256, VERSION, CONFIGURE, PREFIX; writes to GITHUB_PATH and GITHUB_OUTPUT.
set -euo pipefail

stop() {
  echo "::error title=setup-elpython::$1"
  exit 1
}

series="$(cut -d. -f1,2 <<<"$VERSION")"
python="$PREFIX/bin/python$series"

if [[ ! -x "$python" ]]; then
  [[ "$SHA256" =~ ^[0-9a-f]{64}$ ]] || stop "sha256 is no digest: write the one of the signed manifest"
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
  if [[ -f "$ARCHIVE" ]]; then
    cp "$ARCHIVE" "$work/archive"
  else
    curl --fail --silent --show-error --location --proto '=https' --output "$work/archive" "$ARCHIVE" ||
      stop "$ARCHIVE cannot be fetched"
  fi
  found="$(sha256sum "$work/archive" | cut -d' ' -f1)"
  [[ "$found" == "$SHA256" ]] || stop "the archive has the digest $found, not $SHA256; it was not unpacked"
  mkdir "$work/source"
  tar --extract --file "$work/archive" --directory "$work/source" --strip-components 1 --no-same-owner
  cd "$work/source"
  read -ra options <<<"${CONFIGURE:-}"
  echo "::group::configure"
  ./configure --quiet --prefix "$PREFIX" ${options[@]+"${options[@]}"}
  echo "::endgroup::"
  echo "::group::make"
  make --silent -j "$(nproc)"
  make --silent install
  echo "::endgroup::"
  for name in python python3; do
    [[ -e "$PREFIX/bin/$name" ]] || ln -s "python$series" "$PREFIX/bin/$name"
  done
fi

said="$("$python" -c 'import sys; print(sys.version.split()[0])')"
[[ "$said" == "$VERSION" ]] || stop "the interpreter says it is $said, not $VERSION"
echo "$PREFIX/bin" >>"$GITHUB_PATH"
echo "python=$python" >>"$GITHUB_OUTPUT"
echo "$("$python" -c 'import sys; print(sys.version)') in $PREFIX"
