import { BpfError } from "@sonde/bpf";
import { describe, expect, it } from "vitest";
import { FilterRefused } from "../capture/filter-cost.ts";
import { type CheckDeps, checkFilter, pointAt } from "./filter-check.ts";

const contexts = [{ context: "tc-ethernet", instructions: 50, verified: 99 }] as const;

async function check(
  expression: string,
  json = true,
  translate: CheckDeps["translate"] = () => ({ report: { contexts }, ns: 70, nsWithout: 61 }),
) {
  let out = "";
  let complaint = "";
  const status = await checkFilter(
    expression,
    { json },
    { translate, out: (text) => (out += text), complain: (text) => (complaint += text) },
  );
  return { status, out, complaint };
}

describe("filter check", () => {
  it("counts instructions for both link types", async () => {
    const { status, out } = await check("tcp port 443");
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      expression: "tcp port 443",
      ok: true,
      ethernet: { instructions: 20 },
      raw: { instructions: 23 },
    });
  });

  it("says what the kernel made of it, or why it was not tried", async () => {
    const cost = { contexts, nsPerPacket: 70, nsPerPacketWithout: 61 };
    expect(JSON.parse((await check("tcp")).out)).toMatchObject({ ok: true, kernel: cost });
    expect((await check("tcp", false)).out).toContain("tc-ethernet: 50 instructions\na packet at TC: 70 ns, 61 ns with");
    const unprivileged = await check("tcp", true, () => {
      throw new BpfError("NO_PRIVILEGE", "not permitted");
    });
    expect({ status: unprivileged.status, ...JSON.parse(unprivileged.out) }).toMatchObject({
      status: 0,
      ok: true,
      untried: "not permitted",
    });
  });

  it("exits with 1 when the verifier refuses", async () => {
    const { status, out } = await check("tcp", true, () => {
      throw new FilterRefused(new BpfError("LOAD", "refused", 7, "too many states"));
    });
    expect({ status, ...JSON.parse(out) }).toMatchObject({
      status: 1,
      ok: false,
      error: { message: "refused", verifierLog: "too many states" },
    });
  });

  it("says where an expression means nothing without a link header", async () => {
    expect(JSON.parse((await check("vlan 100")).out)).toMatchObject({
      ok: true,
      raw: { error: { message: "no VLAN support for Raw IP" } },
    });
    expect((await check("vlan 100", false)).out).toContain("without a link header:  matches nothing: no VLAN support for Raw IP\n");
  });

  it("points at what is wrong, and exits with 1", async () => {
    const { status, complaint, out } = await check("tcp prot 443", false);
    expect({ status, out }).toEqual({ status: 1, out: "" });
    expect(complaint).toBe('tcp prot 443\n    ^^^^\nnot understood from "prot 443" on\n');
    expect(JSON.parse((await check("host example.org")).out)).toMatchObject({ ok: false, error: { position: 5, length: 11 } });
  });

  it("refuses bytecode that jumps backwards", async () => {
    expect(JSON.parse((await check("ip6 protochain 6")).out)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining("cannot be run: ") },
    });
  });

  it("shows no control characters of an expression", () => {
    expect(pointAt("tcp\n\u001b[2J", { message: "bad \u0007", position: 4, length: 1 })).toBe("tcp  [2J\n    ^\nbad  ");
  });
});
