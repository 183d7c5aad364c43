import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { rootCertificates } from "node:tls";
import { fileURLToPath } from "node:url";
import { BpfError, probeKernel, setNativeDir } from "@sonde/bpf";
import type { Passport } from "@sonde/protocol";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import pino from "pino";
import type { ReplaySpeed } from "./capture/replay-clock.ts";
import { hookChoices } from "./capture/plan.ts";
import { type EnrolFlags, runEnrol } from "./commands/enrol.ts";
import { translateFilter } from "./capture/filter-cost.ts";
import { type DecodeFlags, decodeFile } from "./commands/decode.ts";
import { type CheckFlags, checkFilter } from "./commands/filter-check.ts";
import { type RunFilterFlags, runFilter } from "./commands/filter-run.ts";
import { type LiveFlags, runLive } from "./commands/live.ts";
import { isGone, offerTo, printer } from "./commands/output.ts";
import { type RunFlags, startAgent } from "./commands/run.ts";
import { formatPassport, readPassport } from "./control/passport.ts";
import { DEFAULT_LABEL_FILE } from "./control/labels.ts";
import { DEFAULT_LIMIT_FILE } from "./control/limits.ts";
import { CommandError, UsageError } from "./control/usage-error.ts";
import { agentVersion } from "./version.ts";

const DEFAULT_STATE = "/var/lib/sonde";
/** Records per second; docs/operating.md says why. */
const DEFAULT_BUDGET = 20_000;
/** Four segments. */
const MIN_SPOOL = 16 * 1024 * 1024;
/** The system's own authorities (Debian, Alpine; Fedora), which curl trusts too. */
const SYSTEM_CA = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

const passport = (): Passport => readPassport({ agentVersion, probeKernel });

function authorities(): readonly string[] | undefined {
  const file = SYSTEM_CA.find((path) => existsSync(path));
  return file === undefined ? undefined : [...rootCertificates, readFileSync(file, "utf8")];
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return value;
  };
}

function byteSize(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,12})([KMG]?)$/i.exec(text) ?? [];
  const bytes = Number(digits) * { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[unit.toUpperCase()]!;
  if (digits === "" || (bytes > 0 && bytes < MIN_SPOOL) || bytes > 2 ** 50)
    throw new InvalidArgumentError("It must be 0, or from 16M to 1048576G.");
  return bytes;
}

function replaySpeed(text: string): ReplaySpeed {
  const factor = Number(text);
  if (text === "max" || (factor >= 0.001 && factor <= 1_000_000)) return text === "max" ? text : factor;
  throw new InvalidArgumentError("It must be max, or a number from 0.001 to 1000000.");
}

const out = printer(1);
const complain = printer(2);

const beside = dirname(fileURLToPath(import.meta.url));

/** argv of the built agent's filter compiler; in the bundle it is started by the bundle's own loader. */
function compiler(): readonly string[] | undefined {
  const program = join(beside, "pcap-compile");
  if (!existsSync(program)) return undefined;
  const libraries = join(beside, "lib");
  const loader = join(libraries, "ld-linux-x86-64.so.2");
  return existsSync(loader) ? [loader, "--library-path", libraries, program] : [program];
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
const readOption = () => new Option("-r, --read <file>", "capture file, pcap or pcapng; - is standard input").makeOptionMandatory();
const hookOption = () => new Option("--hook <hook>", "hook whose programs are run").choices(["xdp", "tc"]).default("xdp");
const stateOption = () => new Option("--state <dir>", "folder of the credential").default(DEFAULT_STATE);

function program(): Command {
  const root = new Command("sonde-agent")
    .description("Inspects this host's packets for a Sonde hub.")
    .version(agentVersion)
    .exitOverride()
    .showHelpAfterError("(--help lists the options)");
  root
    .command("enrol")
    .description("enrol this host at a hub with a one-time token")
    .requiredOption("--hub <url>", "the hub's address")
    .option("--token-file <file>", "file that holds the token; - is standard input", "-")
    .option("--pin <key>", "the hub's key, as sha256//BASE64")
    .option("--name <name>", "name of this host; its host name unless given")
    .option("--force", "replace an earlier enrolment")
    .option("--max-snaplen <bytes>", `the most bytes of a packet that may leave this host (${DEFAULT_LIMIT_FILE})`, wholeNumber(0, 4096))
    .addOption(stateOption())
    .action((flags: EnrolFlags) => {
      const progress = (line: string): void => void process.stderr.write(`${line}\n`);
      return runEnrol(flags, { passport, ca: authorities(), progress, limitFile: DEFAULT_LIMIT_FILE });
    });
  root
    .command("run")
    .description("inspect packets and send them to the hub")
    .addOption(stateOption())
    .option("--labels <file>", `file of labels, key=value lines; ${DEFAULT_LABEL_FILE} where it exists`)
    .option("--limits <file>", `root's file of what may leave this host; ${DEFAULT_LIMIT_FILE} where it exists`)
    .option("--interface <name>", "interface to attach to (repeatable); all that are up unless given", collect, [])
    .option("--xdp <name>", "interface to attach to by XDP in its driver (repeatable)", collect, [])
    .option("--xdp-generic <name>", "interface to attach to by XDP before the stack (repeatable)", collect, [])
    .addOption(new Option("--hook <kind>", "hook of the other interfaces").choices(hookChoices).default("auto"))
    .addOption(
      new Option("--budget <records>", "records per second at most: N follows the traffic")
        .argParser(wholeNumber(100, 10_000_000))
        .default(DEFAULT_BUDGET)
        .conflicts("sample"),
    )
    .option("--sample <n>", "record one packet in n, whatever that makes; in place of a budget", wholeNumber(1, 1_000_000))
    .option("--snaplen <bytes>", "captured bytes per record", wholeNumber(0, 4096), 128)
    .addOption(
      new Option("--replay <file>", "the packets of a capture file, pcap or pcapng, in place of interfaces").conflicts([
        "interface",
        "xdp",
        "xdpGeneric",
        "hook",
      ]),
    )
    .addOption(new Option("--replay-speed <factor>", "times as fast as recorded, or max").argParser(replaySpeed).default(1))
    .option("--spool-size <bytes>", "kept on disk at most while the hub is away; K, M, G; 0 keeps nothing", byteSize, byteSize("1G"))
    .option("--sample-own", "record Sonde's own connections too")
    .addOption(new Option("--log-level <level>", "least level logged").choices(["debug", "info", "warn", "error"]).default("info"))
    .action((flags: RunFlags & { readonly logLevel: string }) => run(flags, flags.logLevel));
  const filter = root.command("filter").description("try a capture filter before it is used");
  filter
    .command("check")
    .description("compile an expression, and say what it costs or what is wrong with it")
    .argument("<expression>", "pcap-filter(7), the language of tcpdump")
    .option("--json", "as JSON")
    .action(async (expression: string, flags: CheckFlags) => {
      process.exitCode = await checkFilter(expression, flags, { compiler: compiler(), translate: translateFilter, out, complain });
    });
  filter
    .command("run")
    .description("list the packets of a capture file that an expression matches, by the programs in the kernel")
    .argument("<expression>", "pcap-filter(7), the language of tcpdump")
    .addOption(readOption())
    .addOption(hookOption())
    .option("-w, --write <file>", "write the packets too; pcapng where the name ends in .pcapng, - is standard output")
    .action(async (expression: string, flags: RunFilterFlags) => {
      const deps = { compiler: compiler(), out, complain, application: `sonde-agent ${agentVersion}` };
      process.exitCode = await runFilter(expression, flags, deps);
    });
  root
    .command("live")
    .description("print a line for each packet of this host, beside whatever agent runs; Ctrl+C ends it with the counts")
    .argument("[expression...]", "only packets that match: pcap-filter(7), the language of tcpdump")
    .option("-i, --interface <name>", "interface to watch (repeatable); all that are up unless given", collect, [])
    .option("-c, --count <n>", "end after n packets", wholeNumber(1, 2 ** 31))
    .option("-s, --snaplen <bytes>", "captured bytes per packet", wholeNumber(64, 4096), 128)
    .action(async (words: readonly string[], flags: LiveFlags) => {
      const offer = offerTo(process.stdout, (error) => process.exit(exitStatus(error)));
      process.exitCode = await runLive(words, flags, { compiler: compiler(), complain, signal: endSignal, ...offer });
    });
  root
    .command("decode")
    .description("show what the parser in the kernel sees of each packet of a capture file")
    .addOption(readOption())
    .addOption(hookOption())
    .option("--json", "as JSON, one line per packet")
    .action((flags: DecodeFlags) => decodeFile(flags, { out, complain }));
  root
    .command("passport")
    .description("show what this host can do, and what is lost where it cannot")
    .option("--json", "as JSON")
    .action((flags: { readonly json?: boolean }) => {
      const found = passport();
      out(flags.json === true ? `${JSON.stringify(found, null, 2)}\n` : formatPassport(found));
    });
  return root;
}

function endSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => resolve());
  });
}

/** Runs until SIGTERM or SIGINT; a second signal does not cut the flush short. */
async function run(flags: RunFlags, level: string): Promise<void> {
  const log = pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 1, sync: true }),
  );
  const signal = endSignal();
  const agent = startAgent(flags, { agentVersion, passport, log, ca: authorities(), judgeScript: join(beside, "judge-worker.mjs") });
  await Promise.race([signal, agent.ended]);
  await agent.stop();
}

/** Exit status: 0 done, 1 failed, 2 asked for in a wrong way. */
function exitStatus(error: unknown): number {
  if (isGone(error)) return 1;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    process.stderr.write(`sonde-agent: ${error.message}\n`);
    return 2;
  }
  const words =
    error instanceof CommandError || error instanceof BpfError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`sonde-agent: ${words}\n`);
  if (error instanceof BpfError && error.verifierLog !== "") process.stderr.write(`${error.verifierLog}\n`);
  return 1;
}

if (existsSync(join(beside, "sonde_bpf.node"))) setNativeDir(beside); // the built agent carries its addon and programs

try {
  await program().parseAsync();
  process.exit();
} catch (error) {
  process.exit(exitStatus(error));
}
