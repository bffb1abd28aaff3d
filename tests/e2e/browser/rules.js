// SPDX-License-Identifier: Apache-2.0
"use strict";
// What every page must keep to, by axe-core.

const assert = require("node:assert/strict");
const axe = require("axe-core");

const everyRule = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** The violations of rules, as lines that name the rule and the element. */
async function violations(page, rules) {
  await page.evaluate(axe.source);
  const found = await page.evaluate((runOnly) => window.axe.run(document, { runOnly, resultTypes: ["violations"] }), rules);
  return found.violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 150)}`));
}

/** Keeps a picture of the whole page, which must not need scrolling sideways. */
async function screenshot(page, name) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= page.viewport().width, `the page is ${wide} wide in a window of ${page.viewport().width}`);
  await page.screenshot({ path: `screenshots/${name}.png`, fullPage: true });
}

module.exports = { everyRule, screenshot, violations };
