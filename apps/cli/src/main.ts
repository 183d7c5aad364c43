import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { MAX_CAPTURE_PACKETS, type Measure } from "@sonde/protocol/rest";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import manifest from "../package.json" with { type: "json" };
import { capture, type CaptureFlags } from "./commands/capture.ts";
import { downloadCapture, listCaptures, removeCapture, stopCapture, type ListFlags } from "./commands/captures.ts";
import { completion, shells, type Shell } from "./commands/completion.ts";
import { flows, type FlowsFlags } from "./commands/flows.ts";
import { hosts } from "./commands/hosts.ts";
import { login, logout } from "./commands/login.ts";
import { compare, histogram, ledger, top, type CompareFlags, type HistogramFlags, type TopFlags } from "./commands/query.ts";
import { createToken, listTokens, revokeToken, type CreateFlags } from "./commands/token.ts";
import type { Io } from "./context.ts";
import { CommandError, UsageError } from "./errors.ts";
import { formats, type Format } from "./output/rows.ts";
import { readSecret } from "./secret.ts";

/** The system's own authorities (Debian, Alpine; Fedora), which curl trusts too. */
const SYSTEM_CA = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
const measures: readonly Measure[] = ["bytes", "packets", "flows"];

function environment(): Io {
  const { env } = process;
  const ca = SYSTEM_CA.find((path) => existsSync(path));
  return {
    out: (text) => new Promise((resolve, reject) => void process.stdout.write(text, (error) => (error ? reject(error) : resolve()))),
    say: (line) => void process.stderr.write(`${line}\n`),
    readSecret: (prompt) => readSecret(prompt, process.stdin, process.stderr),
    status: process.stderr.isTTY
      ? (text) => void process.stderr.write(`\r\u001b[2K${text.slice(0, process.stderr.columns - 1)}`)
      : () => undefined,
    every: (ms, run) => {
      const timer = setInterval(run, ms);
      return () => clearInterval(timer);
    },
    onInterrupt,
    takeOutput: () => {
      if (process.stdout.isTTY) return null;
      process.stdout.off("error", endBy);
      return process.stdout;
    },
    now: () => Date.now(),
    bold: process.stdout.isTTY && !env["NO_COLOR"] && env["TERM"] !== "dumb",
    accountFile: join(env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "sonde", "hub.json"),
    env: { token: env["SONDE_TOKEN"] || undefined, hub: env["SONDE_HUB"] || undefined, pin: env["SONDE_PIN"] || undefined },
    ca: ca === undefined ? undefined : [...rootCertificates, readFileSync(ca, "utf8")],
  };
}

/** SIGINT and SIGTERM. */
function onInterrupt(listener: () => void): () => void {
  let asked = false;
  const heard = (): void => {
    if (asked) process.exit(1);
    asked = true;
    listener();
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, heard);
  return () => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, heard);
  };
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return value;
  };
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
const outputOption = () => new Option("-o, --output <format>", "how it is written").choices(formats).default("table");
const limitOption = (max: number, words: string, value: number) =>
  new Option("--limit <n>", words).argParser(wholeNumber(1, max)).default(value);
const measureOption = () => new Option("--measure <what>", "what counts").choices(measures).default("bytes");
const ranged = (command: Command): Command =>
  command
    .option("-f, --filter <filter>", "only flows that match, like 'ip.addr == 10.0.0.0/8 && tcp.dstport == 443'")
    .option("--from <time>", "RFC 3339, or how long ago: 15m, 6h, 7d", "1h")
    .option("--to <time>", "the same; now unless given");

function program(io: Io): Command {
  const root = new Command("sonde")
    .description("Asks a Sonde hub, by an API token that its Settings page makes.")
    .version(manifest.version)
    .exitOverride()
    .showHelpAfterError("(--help lists the options)")
    .addHelpText("after", "\nInstead of logging in, set SONDE_HUB and SONDE_TOKEN (and SONDE_PIN).");
  root
    .command("login")
    .description("keep a hub's address and a token, which is read from standard input, typed, or SONDE_TOKEN; never an argument")
    .argument("<url>", "the hub's address")
    .option("--pin <key>", "the hub's key, as sha256//BASE64, where it made its certificate itself")
    .action((url: string, flags: { readonly pin?: string }) => login(url, flags, io));
  root
    .command("logout")
    .description("forget them")
    .action(() => logout(io));
  root
    .command("hosts")
    .description("list the hosts")
    .addOption(outputOption())
    .action((flags: { readonly output: Format }) => hosts(flags, io));
  ranged(root.command("flows"))
    .description("list flow records, newest first")
    .addOption(limitOption(1_000_000, "at most so many", 100))
    .addOption(new Option("--all", "all of them, as they are read; with -o ndjson or csv").conflicts("top"))
    .option("--top <fields>", "the largest groups by these fields instead, parted by commas (query top)")
    .addOption(measureOption())
    .addOption(outputOption())
    .action((flags: FlowsFlags & TopFlags & { readonly top?: string }) =>
      flags.top === undefined ? flows(flags, io) : top(flags.top, { ...flags, limit: Math.min(flags.limit, 1000) }, io),
    );
  queries(root.command("query").description("sum flow records up"), io);
  captures(root, io);
  tokens(root.command("token").description("API tokens"), io);
  root
    .command("completion")
    .description("print a shell's completion: source <(sonde completion bash)")
    .addArgument(root.createArgument("<shell>", "whose").choices(shells))
    .action((shell: Shell) => io.out(completion(root, shell)));
  return root;
}

function queries(query: Command, io: Io): void {
  ranged(query.command("top"))
    .description("the largest groups")
    .argument("<fields>", "fields to group by, parted by commas, like peer, or host.name,tcp.dstport")
    .addOption(limitOption(1000, "at most so many groups", 20))
    .addOption(measureOption())
    .addOption(outputOption())
    .action((by: string, flags: TopFlags) => top(by, flags, io));
  ranged(query.command("histogram"))
    .description("sums over time")
    .option("--by <fields>", "a row for each of the largest groups")
    .option("--step <seconds>", "length of a step; about 120 steps unless given", wholeNumber(1, 86_400))
    .addOption(limitOption(50, "at most so many groups", 10))
    .addOption(measureOption())
    .addOption(outputOption())
    .action((flags: HistogramFlags) => histogram(flags, io));
  ranged(query.command("compare"))
    .description("what is new, gone or changed against a window before")
    .argument("<fields>", "fields to group by, parted by commas")
    .option("--before-from <time>", "the window to compare with; as long, and just before, unless given")
    .option("--before-to <time>", "its end")
    .option("--factor <times>", "a group has changed when its rate is so many times more or less", wholeNumber(1, 1_000_000))
    .addOption(limitOption(1000, "at most so many groups", 100))
    .addOption(measureOption())
    .addOption(outputOption())
    .action((by: string, flags: CompareFlags) => compare(by, flags, io));
  query
    .command("ledger")
    .description("what became of every packet, by host")
    .addOption(outputOption())
    .action((flags: { readonly output: Format }) => ledger(flags, io));
}

const writeOption = () => new Option("-w, --write <file>", "write pcapng there; - is standard output");

function captures(root: Command, io: Io): void {
  root
    .command("capture")
    .description("capture on several hosts at once into one pcapng, while it grows; Ctrl+C ends it")
    .argument("[expression...]", "only packets that match: pcap-filter(7), the language of tcpdump")
    .option("--hosts <names>", "hosts by name or id, parted by commas")
    .option("--label <key=values>", "hosts with this label, values parted by commas (repeatable)", collect, [])
    .option("--all", "every host that is there now")
    .option("-s, --snaplen <bytes>", "captured bytes per packet, 128 unless given; more wants a reason", wholeNumber(0, 4096))
    .option("--reason <text>", "why more than headers is needed: it is kept with the capture")
    .option("-c, --count <packets>", "end after so many, of all hosts together", wholeNumber(1, MAX_CAPTURE_PACKETS))
    .option("--duration <span>", "end after so long, at most 1h", "60s")
    .option("--size <bytes>", "end at so many captured bytes; k, M, G", "100M")
    .option("--name <text>", "what it is called in lists")
    .addOption(writeOption())
    .action((words: readonly string[], flags: CaptureFlags) => capture(words, flags, io));
  const all = root.command("captures").description("captures the hub holds");
  all
    .command("list", { isDefault: true })
    .description("list them, newest first")
    .addOption(limitOption(100_000, "at most so many", 50))
    .addOption(outputOption())
    .action((flags: ListFlags) => listCaptures(flags, io));
  const one = (verb: string, words: string): Command => all.command(verb).description(words).argument("<id>", "as captures list shows it");
  one("stop", "end one before its time").action((id: string) => stopCapture(id, io));
  one("rm", "delete one and its packets").action((id: string) => removeCapture(id, io));
  one("download", "write one out as pcapng")
    .addOption(writeOption().makeOptionMandatory())
    .option("--follow", "go on until it has ended and all of it is in")
    .action((id: string, flags: { readonly write: string; readonly follow?: boolean }) => downloadCapture(id, flags, io));
}

function tokens(token: Command, io: Io): void {
  token
    .command("create")
    .description("make one; its secret is printed once")
    .argument("<name>", "what it is for")
    .option("--write", "it may change things too")
    .option("--scope <key=values>", "only hosts with this label, values parted by commas (repeatable)", collect, [])
    .option("--expires <time>", "a span like 12h or 30d, or a time; until it is revoked unless given")
    .addOption(outputOption())
    .action((name: string, flags: CreateFlags) => createToken(name, flags, io));
  token
    .command("list")
    .description("list them, without their secrets")
    .addOption(outputOption())
    .action((flags: { readonly output: Format }) => listTokens(flags, io));
  token
    .command("revoke")
    .description("make one useless at once")
    .argument("<id>", "as token list shows it")
    .action((id: string) => revokeToken(id, io));
}

/** Exit status: 0 done, 1 failed, 2 asked for in a wrong way. */
function exitStatus(error: unknown): number {
  if (error instanceof Error && "code" in error && error.code === "EPIPE") return 1; // whoever read the output has gone
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const usage = error instanceof UsageError;
  const words =
    usage || error instanceof CommandError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`sonde: ${words}\n`);
  return usage ? 2 : 1;
}

function endBy(error: Error): void {
  process.exit(exitStatus(error));
}

process.stdout.on("error", endBy);
try {
  await program(environment()).parseAsync();
} catch (error) {
  process.exitCode = exitStatus(error);
}
