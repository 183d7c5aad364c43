import type { KernelFacts } from "@sonde/bpf";
import { passportSchema } from "@sonde/protocol";
import { expect, it } from "vitest";
import { formatPassport, readPassport } from "./passport.ts";

const works = { ok: true, errno: 0 };
const full: KernelFacts = {
  release: "6.18.0",
  btf: true,
  ringbuf: works,
  tcx: works,
  clsact: works,
  xdp: works,
  xdpNative: works,
  xdpGeneric: works,
  socket: works,
  capabilities: { bpf: true, netAdmin: true, perfmon: true, sysAdmin: true },
};
const passportOf = (facts: Partial<KernelFacts>) => readPassport({ agentVersion: "1", probeKernel: () => ({ ...full, ...facts }) });

it("says what is lost where something is missing", () => {
  expect(passportOf({}).facts.every((fact) => fact.ok && fact.lost === undefined)).toBe(true);
  const old = passportOf({ tcx: { ok: false, errno: 22 }, btf: false });
  expect(passportSchema.parse(old)).toEqual(old);
  expect(old.facts.filter((fact) => !fact.ok).map((fact) => fact.id)).toEqual(["btf", "tcx"]);
  expect(old.facts.find((fact) => fact.id === "tcx")?.detail).toBe("tried, refused with EINVAL");
  expect(formatPassport(old)).toMatch(/no {3}TCX hooks .*\n +lost: links that end/);
});

it("does not take a lack of privilege for a lack of the kernel", () => {
  const fact = passportOf({ ringbuf: { ok: false, errno: 1 } }).facts.find((each) => each.id === "ringbuf");
  expect(fact).toMatchObject({ ok: false, detail: expect.stringContaining("cannot be found out") as string });
});

it("is made even where the addon does not load", () => {
  const passport = readPassport({
    agentVersion: "1",
    osRelease: "/nowhere",
    probeKernel: () => {
      throw new Error("libbpf.so.1: cannot open shared object file");
    },
  });
  expect(passportSchema.parse(passport)).toMatchObject({ os: "Linux", facts: [{ id: "addon", ok: false }] });
});
