#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes echarts.min.js anew from the npm registry, with the licences as published. Building
# Faultline does not need it: the result is kept beside it.
#   reports/html/vendor/rebuild.sh
# To change what is in it edit echarts_subset.js; for another version edit package.json, then
# `npm install --package-lock-only` here.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
command -v npm > /dev/null || { echo "rebuild.sh: npm is not installed" >&2; exit 1; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$here/echarts_subset.js" "$folder/"
cd "$folder"
npm ci --no-audit --no-fund --loglevel error

version=$(node -p 'require("echarts/package.json").version')
banner="/* Apache ECharts $version, a subset, copyright 2017-2026 The Apache Software Foundation, Apache License 2.0.
 * With zrender, copyright 2017 Baidu Inc., and parts of d3, copyright 2010-2016 Mike Bostock, both BSD 3-Clause,
 * and tslib, copyright Microsoft Corporation, 0BSD. */"
npx --no-install esbuild echarts_subset.js --bundle --minify --format=iife --global-name=echarts \
    --target=es2020 --charset=utf8 --legal-comments=none --define:process.env.NODE_ENV='"production"' \
    --banner:js="$banner" \
    --outfile=echarts.min.js
cp echarts.min.js "$here/"
cp node_modules/echarts/LICENSE node_modules/echarts/NOTICE "$here/"
cp node_modules/echarts/licenses/LICENSE-d3 "$here/LICENSE-d3"
cp node_modules/zrender/LICENSE "$here/LICENSE-zrender"
echo "echarts.min.js: version $version, $(wc -c < echarts.min.js) bytes"
