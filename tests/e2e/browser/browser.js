// SPDX-License-Identifier: Apache-2.0
"use strict";
// A Chromium of our own, and pages of it that remember what went wrong and what they asked for.

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const puppeteer = require("puppeteer-core");

const patience = 60_000; // ms for anything to happen

const switches = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

class Browser {
  static async start() {
    const self = new Browser();
    self.profile = fs.mkdtempSync(path.join(os.tmpdir(), "faultline-chromium-"));
    self.chromium = await puppeteer.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      headless: true,
      userDataDir: self.profile,
      args: switches,
      protocolTimeout: patience,
    });
    return self;
  }

  async stop() {
    await this.chromium.close();
    fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 10 });
  }

  /** A page with the report of a file open and drawn. */
  open(file, options) {
    return this.openReport(`file://${file}`, options);
  }

  /** A page with a report open and drawn. */
  async openReport(address, options) {
    const page = await this.openAt(address, options);
    await page.waitForFunction(() => document.documentElement.dataset.charts === "drawn");
    return page;
  }

  /** A page at an address. Shape: `complaints` and `requests` grow while it lives. */
  async openAt(address, { width = 1280, scheme = "light" } = {}) {
    const page = await this.chromium.newPage();
    page.setDefaultTimeout(patience);
    page.complaints = [];
    page.requests = [];
    page.on("console", (message) => {
      if (["error", "warn"].includes(message.type())) page.complaints.push(message.text());
    });
    page.on("pageerror", (error) => page.complaints.push(error.message));
    page.on("request", (request) => page.requests.push(request.url()));
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: scheme },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    await page.goto(address);
    return page;
  }
}

module.exports = { Browser, patience };
