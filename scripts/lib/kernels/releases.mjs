/**
 * Debian's stock kernels that are tried. `name` is what `--only` takes; the newest is whatever the suite
 * carries on the day, so its version is known only after it was fetched.
 *
 * @typedef {{ name: string, suite: string }} Release
 * @type {readonly Release[]}
 */
export const releases = [
  { name: "5.10", suite: "bullseye" },
  { name: "6.1", suite: "bookworm" },
  { name: "6.12", suite: "trixie" },
  { name: "newest", suite: "sid" },
];

/** The kernel this machine runs, as `--only` names it. */
export const running = "running";
