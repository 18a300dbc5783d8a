#!/usr/bin/env bash
# Builds Jarvis.app and a disk image of it: installers/macos/build.sh PYTHON_HOME
# PYTHON_HOME is a Python that can be moved: python-build-standalone's install_only archive, unpacked, of the version of
# the environment. To sign and notarise, name the identity and a keychain profile of notarytool:
#   JARVIS_IDENTITY="Developer ID Application: ..." JARVIS_NOTARY=profile installers/macos/build.sh PYTHON_HOME
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
python_home=${1:?name the folder of a Python that can be moved}
python="$root/.venv/bin/python"
[ -x "$python" ] || { echo "Set it up with: python3 installers/bootstrap.py run --headless" >&2; exit 1; }

app="$root/dist/Jarvis.app"
contents="$app/Contents"
rm -rf "$app"
mkdir -p "$contents/MacOS" "$contents/Resources"
"$python" "$root/installers/portable.py" "$contents/Resources/python" --python "$python_home"
"$python" "$root/installers/icon.py" "$contents/Resources/jarvis.icns" 512
version=$("$python" -c "import jarvis_desktop; print(jarvis_desktop.__version__)")
sed "s/VERSION/$version/" "$here/Info.plist" > "$contents/Info.plist"
cp -R "$here/es.lproj" "$contents/Resources/"
cp "$here/jarvis" "$contents/MacOS/jarvis"
cp "$root/LICENSE" "$root/NOTICE" "$contents/Resources/"

# Without an identity the signature is made up: it starts on this Mac only, and elsewhere after a right-click, Open.
identity=${JARVIS_IDENTITY:--}
timestamp=--timestamp
[ "$identity" = - ] && timestamp=--timestamp=none
sign=(codesign --force --options runtime "$timestamp" --entitlements "$here/entitlements.plist" --sign "$identity")
find "$contents/Resources/python" \( -name '*.so' -o -name '*.dylib' -o -perm -u+x -type f \) -print0 |
    while IFS= read -r -d '' file; do
        if file -b "$file" | grep -q Mach-O; then "${sign[@]}" "$file"; fi
    done
"${sign[@]}" "$app"

image="$root/dist/Jarvis-$version-$(uname -m).dmg"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
hdiutil create -volname Jarvis -srcfolder "$stage" -format ULFO -ov "$image"
if [ -n "${JARVIS_NOTARY:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$JARVIS_NOTARY" --wait
    xcrun stapler staple "$image"
fi
echo "$image"
