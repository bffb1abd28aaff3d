// SPDX-License-Identifier: Apache-2.0
// Figures as people read them; the same as the C++ side writes them.

/** "1.38 s", "412 ms", "38.2 us": three significant digits. */
function sayTime(microseconds) {
  if (microseconds === null || microseconds === undefined) return "-";
  const size = Math.abs(microseconds);
  if (size === 0) return "0 s";
  if (size < 1e3) return `${threeDigits(microseconds)} us`;
  if (size < 1e6) return `${threeDigits(microseconds / 1e3)} ms`;
  return `${threeDigits(microseconds / 1e6)} s`;
}

function threeDigits(number) {
  return Math.abs(number) >= 100 ? String(Math.round(number)) : String(Number(number.toPrecision(3)));
}

/** An instant of a trial: "+12.4 ms". */
function sayInstant(microseconds) {
  return (microseconds > 0 ? "+" : "") + sayTime(microseconds);
}

function sayShare(share) {
  return share === null || share === undefined ? "-" : `${Number((share * 100).toPrecision(4))} %`;
}

function sayCount(count) {
  return count === null || count === undefined ? "-" : count.toLocaleString("en");
}

function escapeText(text) {
  const signs = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return String(text).replace(/[&<>"']/g, (sign) => signs[sign]);
}
