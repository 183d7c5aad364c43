import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

/** What the run needs and a stock kernel has as modules: the wire, and the queueing discipline of clsact. */
const wanted = ["veth", "sch_ingress", "cls_bpf"];

/** @typedef {{ name: string, bytes: Buffer }} Module */

/**
 * The wanted modules and what they depend on, uncompressed, in the order to insert them. What a kernel has
 * built in has no file and is left out.
 *
 * @param {string} folder a kernel's lib/modules/RELEASE
 * @returns {readonly Module[]}
 */
export function modulesFor(folder) {
  const files = new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap((path) => {
      const name = /^(.*)\.ko(\.xz)?$/.exec(basename(path))?.[1];
      return name === undefined ? [] : [/** @type {const} */ ([name.replaceAll("-", "_"), join(folder, path)])];
    }),
  );
  /** @type {Map<string, Buffer>} */
  const ordered = new Map();
  const add = (/** @type {string} */ name) => {
    const path = files.get(name);
    if (path === undefined || ordered.has(name)) return;
    const bytes = uncompressed(path);
    for (const other of dependencies(bytes)) add(other);
    ordered.set(name, bytes);
  };
  for (const name of wanted) add(name);
  return [...ordered].map(([name, bytes]) => ({ name, bytes }));
}

/** The `depends=` of a module's .modinfo (include/linux/module.h): names with commas between them. @param {Buffer} bytes */
function dependencies(bytes) {
  const text = bytes.toString("latin1");
  const list = /\0depends=([^\0]*)\0/.exec(text)?.[1] ?? "";
  return list
    .split(",")
    .filter((name) => name !== "")
    .map((name) => name.replaceAll("-", "_"));
}

/** @param {string} path */
function uncompressed(path) {
  return path.endsWith(".xz") ? execFileSync("xz", ["-dc", path], { maxBuffer: 64 << 20 }) : readFileSync(path);
}
