#!/bin/sh
# Installs the built programs, the systemd unit and shell completions below DESTDIR and PREFIX. Called by `make install`.
set -eu
here=$(dirname "$0")
bin="$DESTDIR$PREFIX/bin"
install -d "$bin" "$DESTDIR$PREFIX/share/doc/gantry"
for program in gantry gantryd gantry-shim; do install -m 755 "$BUILD/$program" "$bin/$program"; done
install -m 644 "$here/../../README.md" "$here/../../LICENSE" "$DESTDIR$PREFIX/share/doc/gantry/"
unit="$DESTDIR$PREFIX/lib/systemd/system"
install -d "$unit"
sed "s|@PREFIX@|$PREFIX|g" "$here/gantryd.service" >"$unit/gantryd.service"
chmod 644 "$unit/gantryd.service"
completion() {
    install -d "$DESTDIR$PREFIX/share/$2"
    "$BUILD/gantry" --generate-completion-script "$1" >"$DESTDIR$PREFIX/share/$2/$3"
}
completion bash bash-completion/completions gantry
completion zsh zsh/site-functions _gantry
completion fish fish/vendor_completions.d gantry.fish
echo "installed to $DESTDIR$PREFIX; start it at boot with: systemctl enable --now gantryd"
