#!/bin/bash
# Writes docs/reference/cli.md from the programs' own help.
set -eu
cd "$(dirname "$0")/.."
mkdir -p docs/reference
gantry=.build/release/gantry
{
    echo "# The command line"
    echo
    echo "Made by \`make docs\` from \`gantry --help\`."
    for verb in "" up down plan create config ls ps logs exec start stop restart kill rm pause unpause scale port events \
        "image load" "image import" "image ls" "image inspect" "image rm" "image tag" version "system info" "system stop"; do
        printf '\n## gantry %s\n\n```\n' "$verb"
        # shellcheck disable=SC2086
        $gantry help $verb
        echo '```'
    done
} >docs/reference/cli.md
