import { describe, expect, it } from "vitest";
import { checkFilter, pointAt } from "./filter-check.ts";

async function check(expression: string, json = true) {
  let out = "";
  let complaint = "";
  const status = await checkFilter(expression, { json }, { out: (text) => (out += text), complain: (text) => (complaint += text) });
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
