// SPDX-License-Identifier: Apache-2.0
// The distribution of a time over trials, some of which were only known to be longer.

const bandConfidence = 0.95;

/**
 * The step curve of times at or below each value, by Kaplan and Meier, and a band that holds the
 * whole curve at `bandConfidence`: the inequality of Dvoretzky, Kiefer and Wolfowitz with Massart's
 * constant. A censored time lies anywhere above the moment of censoring, so the upper edge takes it
 * as early as it can be and the lower edge as never.
 * Source: Massart, Annals of Probability 18 (1990); Kaplan and Meier, JASA 53 (1958).
 */
function distributionOf(times) {
  const sorted = [...times].sort((a, b) => a.time - b.time || a.censored - b.censored);
  const n = sorted.length;
  const reach = Math.sqrt(Math.log(2 / (1 - bandConfidence)) / (2 * n));
  const steps = [];
  let surviving = 1, seen = 0, measured = 0;
  while (seen < n) {
    const time = sorted[seen].time;
    const atRisk = n - seen;
    let ended = 0;
    for (; seen < n && sorted[seen].time === time; ++seen) ended += sorted[seen].censored ? 0 : 1;
    measured += ended;
    surviving *= 1 - ended / atRisk;
    steps.push({
      time,
      share: 1 - surviving,
      low: Math.max(0, measured / n - reach),
      high: Math.min(1, seen / n + reach),
    });
  }
  return { n, reach, steps };
}

/** Somewhere in [0, 1), always the same for the same number: spreads dots that would lie on one another. */
function scatterOf(number) {
  const product = Math.imul(number + 1, 2654435761) >>> 0;
  return product / 2 ** 32;
}
