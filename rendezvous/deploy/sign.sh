#!/bin/sh
# sign.sh FOLDER KEY: writes FOLDER/SHA256SUMS over all files in it, and FOLDER/SHA256SUMS.sig by the Ed25519 key (PEM).
# Whoever downloads checks both:
#   openssl pkeyutl -verify -pubin -inkey release.pub -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
#   sha256sum --check SHA256SUMS
set -eu

folder=$1
key=$2

cd "$folder"
rm -f SHA256SUMS SHA256SUMS.sig
find . -type f ! -name 'SHA256SUMS*' -printf '%P\0' | sort -z | xargs -0 sha256sum > SHA256SUMS.unsigned
mv SHA256SUMS.unsigned SHA256SUMS
openssl pkeyutl -sign -rawin -inkey "$key" -in SHA256SUMS -out SHA256SUMS.sig
