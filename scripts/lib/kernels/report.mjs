/** @typedef {import("./matrix.mjs").Column} Column */
/** @typedef {import("./run.mjs").Outcome} Outcome */

/** Features in the order of the kernel that has most of them, then what only others have. @param {readonly Column[]} columns */
const featuresOf = (columns) => {
  const byLength = columns.map(({ outcomes }) => outcomes).toSorted((a, b) => b.length - a.length);
  return [...new Set(byLength.flat().map(({ feature }) => feature))];
};

/** "7.2.13" of "7.2.13+deb14-cloud-amd64". @param {Column} column */
const short = (column) => /^\d+(\.\d+)*/.exec(column.release)?.[0] ?? column.release;

/** @param {Column} column @param {string} feature */
function cell({ outcomes }, feature) {
  const outcome = outcomes.find((each) => each.feature === feature);
  if (outcome === undefined) return "–";
  if (outcome.ok === null) return "not there";
  return outcome.ok ? outcome.how : "FAILED";
}

/** How many outcomes are of each kind. @param {readonly Column[]} columns */
export function tally(columns) {
  const all = columns.flatMap(({ outcomes }) => outcomes);
  const count = (/** @type {boolean | null} */ ok) => all.filter((outcome) => outcome.ok === ok).length;
  return { passed: count(true), failed: count(false), skipped: count(null) };
}

/** Kernel × feature for a terminal, each column as wide as it needs. @param {readonly Column[]} columns */
export function table(columns) {
  const rows = [
    ["", ...columns.map(short)],
    ...featuresOf(columns).map((feature) => [feature, ...columns.map((column) => cell(column, feature))]),
  ];
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((text, i) => text.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** Failed and missing features with their reasons, one entry each. @param {readonly Column[]} columns @param {boolean | null} ok */
export const reasons = (columns, ok) =>
  columns.flatMap((column) =>
    column.outcomes.filter((outcome) => outcome.ok === ok).map(({ feature, detail }) => `${short(column)}: ${feature}: ${detail}`),
  );

/** docs/kernels.md. @param {readonly Column[]} columns */
export function document(columns) {
  const row = (/** @type {readonly string[]} */ cells) => `| ${cells.join(" | ")} |`;
  const features = featuresOf(columns).map((feature) => row([feature, ...columns.map((column) => cell(column, feature))]));
  const firstLines = (/** @type {boolean | null} */ ok) => reasons(columns, ok).map((text) => `- ${text.split("\n")[0]}`);
  const missing = firstLines(null);
  const failures = firstLines(false);
  return [
    "# Kernels",
    "",
    "Made by `npm run test:kernels -- --write-docs`; not edited by hand. Debian's stock kernels ran in qemu,",
    "started from the same bundle that hosts get, and nothing is told from a version number: each cell was tried.",
    "",
    row(["Kernel", "From"]),
    row(["---", "---"]),
    ...columns.map(({ release, suite }) => row([release, suite === undefined ? "the machine of this run" : `Debian ${suite}`])),
    "",
    row(["Feature", ...columns.map(short)]),
    row(["---", ...columns.map(() => "---")]),
    ...features,
    "",
    "How to read it: *verified* is the number of instructions the kernel's verifier went through before it accepted",
    "the program; *agree* is the number of named packets, sent over a veth, of which parser and expectation are the",
    "same in every field, or of answers about generated packets that are libpcap's and tshark's; *exact* is the number of",
    "frames of which counters, records and `ip -s link` agree to the packet.",
    "`–` was not tried, because what it needs was missing.",
    ...(missing.length === 0 ? [] : ["", "## Not there", "", ...missing]),
    ...(failures.length === 0 ? [] : ["", "## Failed", "", ...failures]),
    "",
  ].join("\n");
}
