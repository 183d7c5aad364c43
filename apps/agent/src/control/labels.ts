import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { MAX_LABELS, type Labels, parseLabel } from "@sonde/protocol";
import { UsageError } from "./usage-error.ts";

/** What this host's own file says it is, unless --labels names another. */
export const DEFAULT_LABEL_FILE = "/etc/sonde/labels";
const MAX_BYTES = 64 * 1024;

/** Reads `key=value` lines; empty ones and those that begin with # say nothing. Throws UsageError with the line's number. */
export function parseLabels(text: string, file: string): Labels {
  const labels = new Map<string, string>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const content = line.trim();
    if (content === "" || content.startsWith("#")) continue;
    const wrong = (reason: string) => new UsageError(`${file}, line ${i + 1}: ${reason}`);
    const label = parseLabel(content);
    if (!label.ok) throw wrong(label.reason);
    if (labels.has(label.key)) throw wrong(`${label.key} is there already; a host has one value of each key`);
    if (labels.size === MAX_LABELS) throw wrong(`this is one label more than the ${MAX_LABELS} a host may have`);
    labels.set(label.key, label.value);
  }
  return Object.fromEntries(labels);
}

/** The labels of a file; none when it is not there, unless it was asked for by name. Throws UsageError. */
export function readLabels(file: string, asked: boolean): Labels {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK); // a pipe must not hold the agent up
  } catch (error) {
    if (!asked && error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new UsageError(`cannot read the labels: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    if (!fstatSync(fd).isFile()) throw new UsageError(`${file} holds no labels: it is not a file`);
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (let got = -1; got !== 0 && length < bytes.length; length += got) got = readSync(fd, bytes, length, bytes.length - length, null);
    if (length > MAX_BYTES) throw new UsageError(`${file} is larger than the ${MAX_BYTES} bytes a label file may have`);
    return parseLabels(bytes.toString("utf8", 0, length), file);
  } finally {
    closeSync(fd);
  }
}

export type LabelFileOptions = {
  readonly file: string;
  /** It was asked for by name, so it has to be there. */
  readonly asked: boolean;
  /** The file cannot be used as it is now; what it said last goes on. Once for each such state. */
  readonly onTrouble: (reason: string) => void;
};

/** Reads the labels now, and answers how to read them again. Throws UsageError; what it answers throws nothing. */
export function openLabelFile({ file, asked, onTrouble }: LabelFileOptions): () => Labels {
  let labels = readLabels(file, asked);
  let told = "";
  return () => {
    try {
      labels = readLabels(file, asked);
      told = "";
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== told) onTrouble(reason);
      told = reason;
    }
    return labels;
  };
}
