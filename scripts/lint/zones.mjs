/**
 * The folders and what each may import from the others, as docs of the design draw them. A zone may
 * always import itself. What is in no zone (tests, scripts, configuration) is free.
 *
 * `to` names zones; `without` are packages that would break the zone's promise.
 *
 * @typedef {{ name: string, path: RegExp, to: readonly string[], without?: RegExp }} Zone
 */

const sockets = "socket\\.io(-client)?";
const react = "react(-dom)?|next|@tanstack/.*|@base-ui/.*";
const database = "pg(-copy-streams)?|@prisma/.*";
const only = (/** @type {string[]} */ ...names) => new RegExp(`^(${names.join("|")})(/|$)`);
const serverSide = ["web/server/services", "web/server/store", "web/server/hub", "web/server", "prisma"];

const agentParts = [
  "agent",
  "agent/capture",
  "agent/pipeline",
  "agent/control",
  "agent/uplink",
  "agent/spool",
  "packages/bpf",
  "packages/protocol",
];

/** The first zone whose path matches is the file's. @type {readonly Zone[]} */
export const zones = [
  { name: "packages/bpf", path: /^packages\/bpf\/src\//, to: [] },
  { name: "packages/protocol", path: /^packages\/protocol\/src\//, to: [], without: only("node:.*", react, sockets, database) },
  { name: "packages/filter", path: /^packages\/filter\/src\//, to: [] },
  { name: "packages/pcapfile", path: /^packages\/pcapfile\/src\//, to: [], without: only("node:.*") },
  { name: "prisma", path: /^prisma\//, to: [] },

  // composition roots of the hub, and what src/server shares between its parts
  { name: "web/root", path: /^apps\/web\/[^/]+\.ts$/, to: [...serverSide, "web/domain", "packages/protocol"] },
  {
    name: "web/server/services",
    path: /^apps\/web\/src\/server\/services\//,
    to: ["web/server/store", "web/server", "web/domain", "prisma", "packages/filter", "packages/protocol"],
    without: only(sockets, react),
  },
  {
    name: "web/server/hub",
    path: /^apps\/web\/src\/server\/hub\//,
    to: ["web/server/services", "web/server/store", "web/server", "web/domain", "packages/protocol"],
    without: only(react),
  },
  {
    name: "web/server/store",
    path: /^apps\/web\/src\/server\/store\//,
    to: ["web/server", "web/domain", "packages/protocol"],
    without: only(sockets, react),
  },
  { name: "web/server", path: /^apps\/web\/src\/server\//, to: [...serverSide, "web/domain", "packages/protocol"] },
  { name: "web/proxy", path: /^apps\/web\/src\/proxy\.ts$/, to: ["web/server"] },

  {
    name: "web/app",
    path: /^apps\/web\/src\/app\//,
    to: ["web/server", "web/server/services", "web/features", "web/ui", "web/api", "web/live", "web/domain", "packages/protocol"],
    without: only(sockets, database),
  },
  {
    name: "web/features",
    path: /^apps\/web\/src\/features\//,
    to: ["web/api", "web/live", "web/domain", "web/ui"],
    without: only(sockets, database),
  },
  { name: "web/ui", path: /^apps\/web\/src\/ui\//, to: [], without: only(sockets, database) },
  { name: "web/api", path: /^apps\/web\/src\/api\//, to: ["packages/protocol"], without: only(sockets, database) },
  { name: "web/live", path: /^apps\/web\/src\/live\//, to: ["web/domain", "packages/protocol"], without: only(react, database) },
  {
    name: "web/domain",
    path: /^apps\/web\/src\/domain\//,
    to: ["packages/pcapfile", "packages/protocol"],
    without: only("node:.*", sockets, react, database),
  },

  {
    name: "agent/capture",
    path: /^apps\/agent\/src\/capture\//,
    to: ["agent", "packages/bpf", "packages/filter", "packages/pcapfile", "packages/protocol"],
    without: only(sockets),
  },
  { name: "agent/pipeline", path: /^apps\/agent\/src\/pipeline\//, to: ["agent", "packages/protocol"], without: only("node:.*", sockets) },
  {
    name: "agent/control",
    path: /^apps\/agent\/src\/control\//,
    to: ["agent", "packages/bpf", "packages/protocol"],
    without: only(sockets),
  },
  { name: "agent/uplink", path: /^apps\/agent\/src\/uplink\//, to: ["agent", "packages/protocol"] },
  // what waits on disk; the pipeline knows it by the types in src/kept.ts
  { name: "agent/spool", path: /^apps\/agent\/src\/spool\//, to: ["agent", "packages/protocol"], without: only(sockets) },
  // the composition root and its commands put the parts together; nobody imports them
  { name: "agent/root", path: /^apps\/agent\/src\/main\.ts$/, to: ["agent/commands", ...agentParts] },
  {
    name: "agent/commands",
    path: /^apps\/agent\/src\/commands\//,
    to: [...agentParts, "packages/filter", "packages/pcapfile"],
  },
  // what the parts share, such as types
  { name: "agent", path: /^apps\/agent\/src\//, to: ["packages/protocol"] },
  { name: "cli/root", path: /^apps\/cli\/src\/main\.ts$/, to: ["cli", "packages/protocol"] },
  { name: "cli", path: /^apps\/cli\/src\//, to: ["packages/protocol"] },
];

const isTest = (/** @type {string} */ file) => /\.test\.tsx?$/.test(file) || /(^|\/)(test|bench)\//.test(file);

/** @param {string} file path from the root, with forward slashes */
export const zoneOf = (file) => (isTest(file) ? undefined : zones.find((zone) => zone.path.test(file)));

/**
 * What is wrong with an import, in words, or undefined.
 *
 * @param {string} file the importing file, from the root
 * @param {string} specifier as written
 * @param {(specifier: string) => string} resolve a relative specifier to a path from the root
 */
export function refuse(file, specifier, resolve) {
  const from = zoneOf(file);
  if (from === undefined) return undefined;
  if (!specifier.startsWith(".") && !specifier.startsWith("@sonde/")) {
    return from.without?.test(specifier) ? `${from.name} does not use ${specifier}` : undefined;
  }
  const [, ours = "", rest = ""] = /^@sonde\/([^/]+)(.*)$/.exec(specifier) ?? [];
  const target =
    ours === ""
      ? resolve(specifier)
      : ours === "web" || ours === "agent" || ours === "cli"
        ? `apps/${ours}${rest}/`
        : `packages/${ours}/src/`;
  if (isTest(target)) return `${from.name} does not import tests`;
  const to = zoneOf(target);
  if (ours !== "" && to === undefined) return `${from.name} does not import another app`;
  if (to === undefined || to === from || from.to.includes(to.name)) return undefined;
  return `${from.name} does not import ${to.name}; it may import ${from.to.join(", ") || "nothing of ours"}`;
}
