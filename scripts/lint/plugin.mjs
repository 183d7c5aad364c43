import { dirname, join, relative } from "node:path";
import { refuse, zoneOf } from "./zones.mjs";

/**
 * Rules of this repository for oxlint.
 * - `arrows`: imports between the folders point only where the design lets them
 * - `environment`: only composition roots read process.env
 *
 * @typedef {{ type: string, value?: unknown }} Literal
 * @typedef {{ source?: Literal | null, [key: string]: unknown }} Node
 * @typedef {{ filename: string, cwd: string, report: (problem: { message: string, node: unknown }) => void }} Context
 */

/** The file from the folder that lint was started in: the root of the repository. @param {Context} context */
const pathOf = (context) => relative(context.cwd, context.filename).replaceAll("\\", "/");

const arrows = {
  /** @param {Context} context */
  create(context) {
    const file = pathOf(context);
    const resolve = (/** @type {string} */ specifier) => join(dirname(file), specifier);
    /** @param {Node} node */
    const check = (node) => {
      if (typeof node.source?.value !== "string") return;
      const message = refuse(file, node.source.value, resolve);
      if (message !== undefined) context.report({ message, node: node.source });
    };
    return { ImportDeclaration: check, ImportExpression: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};

const roots = new Set(["web/root", "agent/root", "cli/root"]);

const environment = {
  /** @param {Context} context */
  create(context) {
    const zone = zoneOf(pathOf(context));
    if (zone === undefined || roots.has(zone.name)) return {};
    return {
      /** @param {{ object: { type: string, name?: string }, property: { name?: string }, parent?: { property?: { name?: string, value?: unknown } } }} node */
      MemberExpression(node) {
        if (node.object.type !== "Identifier" || node.object.name !== "process" || node.property.name !== "env") return;
        const variable = node.parent?.property;
        if (variable?.name === "NODE_ENV" || variable?.value === "NODE_ENV") return; // Next writes it in at build time
        context.report({ message: "only composition roots read the environment", node });
      },
    };
  },
};

export default { meta: { name: "sonde" }, rules: { arrows, environment } };
