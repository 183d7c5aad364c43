import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLab } from "../../support/netns.ts";

const source = fileURLToPath(new URL("peer.bpf.c", import.meta.url));
const run = (file: string, ...args: string[]): string => execFileSync(file, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** Mean ns of one run of the frame through a loaded program. */
export type Runs = (repeat: number) => number;
export type Peers = { readonly xdpFilter: Runs; readonly byHand: (tests: number) => Runs; readonly close: () => void };

/** Debian's xdp-filter with all features, loaded on a veth of its own, and tests written by hand, pinned. */
export function openPeers(frame: Uint8Array): Peers {
  const folder = mkdtempSync(join(tmpdir(), "sonde-bench-"));
  const lab = createLab(["peer"]);
  const packet = join(folder, "frame");
  const pins = join(folder, "pins");
  writeFileSync(packet, frame);
  run("mkdir", pins);
  run("mount", "-t", "bpf", "bpf", pins);
  const close = (): void => {
    run("umount", pins);
    lab.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const runs =
    (...program: string[]): Runs =>
    (repeat) => {
      const said = run("bpftool", "prog", "run", ...program, "data_in", packet, "repeat", String(repeat));
      return Number(/duration \(average\): (\d+)ns/.exec(said)?.[1]);
    };
  try {
    lab.link({ ns: "peer", name: "filter0" }, { ns: "peer", name: "filter1" });
    lab.run("peer", ["xdp-filter", "load", "filter0", "-m", "native", "-f", "all"]);
    const [link] = JSON.parse(lab.run("peer", ["ip", "-j", "link", "show", "filter0"])) as [{ xdp: { prog: { id: number } } }];
    const byHand = (tests: number): Runs => {
      const object = join(folder, `${tests}.o`);
      const include = `/usr/include/${run("uname", "-m").trim()}-linux-gnu`;
      run("clang", "-O2", "-g", "-target", "bpf", `-I${include}`, `-DTESTS=${tests}`, "-c", source, "-o", object);
      run("bpftool", "prog", "load", object, join(pins, `t${tests}`));
      return runs("pinned", join(pins, `t${tests}`));
    };
    return { xdpFilter: runs("id", String(link.xdp.prog.id)), byHand, close };
  } catch (error) {
    close();
    throw error;
  }
}
