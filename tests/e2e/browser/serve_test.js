// SPDX-License-Identifier: Apache-2.0
"use strict";
// The pages of `faultline serve`, in Chromium. Run by run.sh:
//   SERVE=http://127.0.0.1:PORT node --test serve_test.js
// Below the served folder are finished runs of two scenarios, one under way, an unfinished and a broken one.

const assert = require("node:assert/strict");
const { after, before, test } = require("node:test");
const { Browser } = require("./browser.js");
const { everyRule, screenshot, violations } = require("./rules.js");

const { SERVE } = process.env;

let browser;
before(async () => { browser = await Browser.start(); });
after(() => browser.stop());

const linksOf = (page) => page.$$eval("a[href]", (all) => all.map((link) => link.getAttribute("href")));

/** Whom Tab reaches, in order, from the top of the page until it starts again. */
async function reachedByKeyboard(page) {
  const reached = [];
  await page.evaluate(() => { window.reached = new Set(); });
  const most = 500;
  for (let count = 0; count < most; ++count) {
    await page.keyboard.press("Tab");
    const href = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body || window.reached.has(element)) return null;
      window.reached.add(element);
      const { outlineStyle } = getComputedStyle(element);
      return { href: element.getAttribute("href"), name: element.outerHTML.slice(0, 100), seen: outlineStyle !== "none" };
    });
    if (href === null) return reached;
    reached.push(href);
  }
  throw new Error(`more than ${most} elements have the focus`);
}

async function address(name) {
  const page = await browser.openAt(SERVE);
  const found = await page.$eval(name, (link) => link.href);
  await page.close();
  return found;
}

const pages = {
  list: { find: () => SERVE, has: ["Runs", "Under way", "unfinished", "broken"] },
  "filtered list": { find: () => `${SERVE}/?scenario=losing-writes&status=fail`, has: ["1 run, newest first"] },
  "empty list": { find: () => `${SERVE}/?q=nobody-is-called-so`, has: ["No run is like that."] },
  trend: { find: () => address('a[href="/trend?scenario=synthetic-pair-crash"]'), has: ["3 finished runs", "The same in figures"] },
  run: { find: () => address('tbody a[href^="/runs/synthetic-pair-crash"]'), has: ["Detection time", "Recovery time"], report: true },
};

for (const [name, { find, has, report }] of Object.entries(pages)) {
  for (const scheme of ["light", "dark"]) {
    test(`the ${name} page in ${scheme}`, async () => {
      const place = await find();
      const page = report ? await browser.openReport(place, { scheme }) : await browser.openAt(place, { scheme });
      const text = await page.$eval("main", (main) => main.textContent);
      for (const part of has) assert.ok(text.includes(part), `${part} in: ${text.slice(0, 500)}`);
      assert.deepEqual(await violations(page, everyRule), []);
      await screenshot(page, `serve-${name.replaceAll(" ", "-")}-${scheme}`);
      if (!report) { // the report's own controls are tried in report_test.js
        const reached = await reachedByKeyboard(page);
        for (const href of await linksOf(page)) assert.ok(reached.some((one) => one.href === href), `Tab does not reach ${href}`);
        assert.deepEqual(reached.filter(({ seen }) => !seen).map((one) => one.name), [], "what has the focus does not show");
      }
      assert.deepEqual(page.complaints, []);
      assert.deepEqual(page.requests.filter((request) => !request.startsWith(SERVE)), []);
      await page.close();
    });
  }
}

test("the keyboard opens a run and its trend", async () => {
  const page = await browser.openAt(SERVE);
  await page.focus('tbody a[href^="/runs/synthetic-pair-crash"]');
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.ok(page.url().startsWith(`${SERVE}/runs/`), page.url());
  await page.goBack();
  await page.focus('a[href^="/trend"]');
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.ok(page.url().startsWith(`${SERVE}/trend?`), page.url());
  await page.close();
});

test("the list in a narrow window needs no scrolling sideways", async () => {
  const page = await browser.openAt(SERVE, { width: 390 });
  await screenshot(page, "serve-list-390");
  await page.close();
});

test("an address that is not there says so", async () => {
  const page = await browser.openAt(`${SERVE}/runs/nobody`);
  assert.deepEqual(await linksOf(page), ["/"]);
  assert.deepEqual(await violations(page, everyRule), []);
  await page.close();
});
