// SPDX-License-Identifier: Apache-2.0
"use strict";
// What a reader can do with the HTML report, in Chromium. Run by run.sh:
//   SMALL=small/report.html LARGE=large/report.html node --test report_test.js

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { after, before, test } = require("node:test");
const { Browser } = require("./browser.js");
const { everyRule, screenshot, violations } = require("./rules.js");

const { SMALL, LARGE } = process.env;
const chartIds = ["waterfall", "detection", "recovery", "success", "trial"];

let browser;
before(async () => { browser = await Browser.start(); });
after(() => browser.stop());

/** Opens a report once and takes one step after the other; after each, nothing may have gone wrong or left the page. */
function onPage(name, file, options, steps) {
  test(name, async (context) => {
    const page = await browser.open(file, options);
    for (const [step, take] of Object.entries(steps)) {
      await context.test(step, async () => {
        await take(page);
        assert.deepEqual(page.complaints, []);
        assert.deepEqual(page.requests, [`file://${file}`]);
      });
    }
    await page.close();
  });
}

/** How many detections the record beside a report has: on a busy machine a trial may have none that counts. */
function detections(report) {
  const lines = fs.readFileSync(path.join(path.dirname(report), "trials.jsonl"), "utf8").trim().split("\n");
  const counted = lines.map((line) => JSON.parse(line)).filter((trial) => trial.kind === "fault" && trial.outcome === "pass");
  const found = counted.filter(({ injections }) => (injections[0]?.detection_time_ns ?? null) !== null).length;
  assert.ok(found > 0, "the run has no detection to show");
  return found;
}

const textOf = (page, selector) => page.$eval(selector, (element) => element.textContent);

onPage("in a wide light window", SMALL, {}, {
  async "it is kept as a screenshot"(page) {
    await screenshot(page, "report-1280-light");
  },
  async "the first screen has the verdict and the three numbers"(page) {
    const top = await textOf(page, "main");
    for (const part of ["Detection time", "Recovery time", "Success rate", "95 % interval", "Instrument error", "What was injected", "process.crash"]) {
      assert.ok(top.includes(part), part);
    }
    const below = await page.$eval("#numbers", (element) => element.getBoundingClientRect().bottom);
    assert.ok(below < 900, `the three numbers end at ${below}, below the first screen`);
  },
  async "each chart is drawn and has its data as a table"(page) {
    for (const id of chartIds) {
      const shapes = await page.$$eval(`#${id}-drawing svg path`, (all) => all.length);
      assert.ok(shapes > 3, `${id} is empty`);
      assert.ok((await page.$eval(`#${id}-drawing`, (element) => element.getAttribute("aria-label"))).length > 20, id);
      await page.$eval(`#${id} details.data > summary`, (summary) => summary.click());
      await page.waitForSelector(`#${id} details.data tbody tr`);
    }
    assert.equal(await page.$$eval("#detection details.data table:first-of-type", (all) => all[0].tBodies[0].rows.length), detections(SMALL));
    for (const id of chartIds) await page.$eval(`#${id} details.data`, (details) => { details.open = false; });
  },
  async "hovering over the timeline tells what was there"(page) {
    const drawing = await page.$("#trial-drawing");
    await drawing.scrollIntoView();
    const box = await drawing.boundingBox();
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.5);
    await page.waitForFunction(() => /good, \d+ bad/.test(document.getElementById("cursor").textContent));
  },
  async "the keyboard moves the cursor and zooms"(page) {
    await page.focus("#trial-drawing");
    await page.keyboard.press("Home");
    await page.waitForFunction(() => document.getElementById("cursor").textContent.startsWith("0 s"));
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => document.getElementById("cursor").textContent.startsWith("+"));
    const before = await textOf(page, "#trial-drawing");
    await page.keyboard.press("+");
    await page.waitForFunction((old) => document.getElementById("trial-drawing").textContent !== old, {}, before);
  },
  async "a trial is chosen by keyboard, by button, by its dot and in the table"(page) {
    const shown = () => page.$eval("#trial-picker select", (select) => Number(select.value));
    const numbers = await page.$$eval("#trial-picker option", (options) => options.map((option) => Number(option.value)));
    const first = await shown();
    await page.focus("#trial-picker select");
    await page.keyboard.press(numbers.indexOf(first) > 0 ? "ArrowUp" : "ArrowDown");
    assert.notEqual(await shown(), first);
    const label = await page.$eval("#trial-drawing", (element) => element.getAttribute("aria-label"));
    assert.ok(label.includes(`trial ${await shown()}.`), label);

    await page.select("#trial-picker select", String(numbers[0]));
    await page.evaluate(() => [...document.querySelectorAll("#trial-picker button")].find((button) => button.textContent === "Next").click());
    assert.equal(await shown(), numbers[1]);

    const dot = await page.evaluate(() => {
      const { instance } = charts.find((chart) => chart.figure.id === "detection"); // the page's own list
      const [x, y, number] = instance.getOption().series[0].data.at(-1); // nothing lies on the last one
      document.getElementById("detection").scrollIntoView({ behavior: "instant" });
      const [left, top] = instance.convertToPixel({ gridIndex: 0 }, [x, y]);
      const box = document.getElementById("detection-drawing").getBoundingClientRect();
      return { x: box.x + left, y: box.y + top, number };
    });
    await page.mouse.click(dot.x, dot.y);
    await page.waitForFunction((number) => Number(document.querySelector("#trial-picker select").value) === number, {}, dot.number);

    await page.$eval("#trials summary", (summary) => summary.click());
    const link = await page.waitForSelector(`#trial-table a[data-trial="${numbers[0]}"]`);
    await link.evaluate((element) => element.click());
    assert.equal(await shown(), numbers[0]);
  },
  async "contrast, labels and structure are right"(page) {
    assert.deepEqual(await violations(page, everyRule), []);
  },
});

onPage("in a wide dark window", SMALL, { scheme: "dark" }, {
  async "it is kept as a screenshot"(page) {
    await screenshot(page, "report-1280-dark");
  },
  async "contrast is right"(page) {
    assert.deepEqual(await violations(page, ["color-contrast"]), []);
  },
  async "it prints to PDF"(page) {
    await page.evaluate(() => window.addEventListener("beforeprint", () => {
      window.inkOnPaper = document.querySelector("#waterfall-drawing svg text").getAttribute("fill");
    }));
    const pdf = await page.pdf({ path: "screenshots/report.pdf", format: "A4", printBackground: true });
    assert.ok(pdf.length > 20_000);
    assert.ok(Buffer.from(pdf).toString("latin1").startsWith("%PDF-"));
    assert.equal(await page.evaluate(() => window.inkOnPaper), "#4a5160"); // the quiet ink of paper, though the window is dark
  },
});

onPage("in a narrow window", SMALL, { width: 390 }, {
  async "it is kept as a screenshot and needs no scrolling sideways"(page) {
    await screenshot(page, "report-390-light");
  },
});

onPage("a thousand trials", LARGE, {}, {
  async "open and every one can be found"(page) {
    const took = await page.evaluate(() =>
      performance.getEntriesByName("charts-drawn")[0].startTime - performance.getEntriesByType("navigation")[0].loadEventStart);
    console.log(`load to charts drawn: ${Math.round(took)} ms; page: ${fs.statSync(LARGE).size} bytes`);
    assert.equal(await page.$$eval("#trial-picker option", (options) => options.length), 1002);
    await page.$eval("#trials summary", (summary) => summary.click());
    await page.waitForSelector("#trial-table tbody tr");
    assert.equal(await page.$$eval("#trial-table tbody tr", (rows) => rows.length), 1002);
    await page.evaluate(() => [...document.querySelectorAll("#trial-table thead button")].find((button) => button.textContent === "recovery").click());
    assert.equal(await page.$eval("#trial-table th[aria-sort]", (head) => head.textContent), "recovery");
    const coarse = await page.$eval("#trial-picker optgroup:last-child option", (option) => option.value);
    await page.select("#trial-picker select", coarse);
    assert.ok((await textOf(page, "#cursor")).includes("coarse"));
    await page.screenshot({ path: "screenshots/thousand-trials.png" });
  },
});
