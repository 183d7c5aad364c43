import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Alu, Class, type ClassicInstruction, Jump, MAX_INSTRUCTIONS, Misc, Mode, Size, Source } from "./classic.ts";
import { disassemble } from "./disassemble.ts";
import { verifyClassic } from "./verify.ts";

const op = (code: number, k = 0, jt = 0, jf = 0): ClassicInstruction => ({ code, jt, jf, k });
const ret = op(Class.ret | Source.k, 1);
const reason = (...program: ClassicInstruction[]): string | undefined => verifyClassic(program)?.reason;

describe("verifyClassic", () => {
  test.each<[string, ClassicInstruction[]]>([
    ["empty program", []],
    ["does not end in a return", [op(Class.ld | Size.b | Mode.abs, 0)]],
    ["jump out of the program", [op(Class.jmp | Jump.eq, 0, 0, 1), ret]],
    ["jump out of the program", [op(Class.jmp | Jump.ja, 1), ret]],
    ["jump out of the program", [op(Class.jmp | Jump.ja, 0xffffffff), ret]],
    ["division by zero", [op(Class.alu | Alu.div, 0), ret]],
    ["division by zero", [op(Class.alu | Alu.mod, 0), ret]],
    ["shift by 32 or more", [op(Class.alu | Alu.lsh, 32), ret]],
    ["unknown opcode", [op(Class.alu | 0xb0, 1), ret]],
    ["unknown opcode", [op(Class.jmp | 0x50, 0), ret]],
    ["unknown opcode", [op(Class.ld | Size.b | Mode.len), ret]],
    ["unknown opcode", [op(0x0100), ret]],
    ["unknown opcode", [op(Class.misc | 0x40), ret]],
    ["load beyond any packet", [op(Class.ld | Size.w | Mode.abs, 0xfffff02c), ret]],
    ["load beyond any packet", [op(Class.ldx | Size.b | Mode.msh, 0x7fffffff), ret]],
    ["scratch word out of range", [op(Class.st, 16), ret]],
    ["field out of range", [op(Class.ret, -1)]],
    ["field out of range", [op(Class.ret, 1.5)]],
    ["field out of range", [{ code: Class.ret, jt: 256, jf: 0, k: 0 }]],
  ])("refuses: %s", (expected, program) => {
    expect(verifyClassic(program)?.reason).toBe(expected);
  });

  test("refuses a program past the limit, accepts one at it", () => {
    const program = Array.from({ length: MAX_INSTRUCTIONS }, () => ret);
    expect(verifyClassic(program)).toBeNull();
    expect(verifyClassic([...program, ret])?.reason).toContain("more than 4096");
  });

  test("accepts scratch, which starts as zeros", () => {
    expect(
      reason(op(Class.st, 3), op(Class.jmp | Jump.eq, 1, 1, 0), op(Class.misc | Misc.tax), op(Class.ld | Size.w | Mode.mem, 3), ret),
    ).toBeUndefined();
  });

  test("random programs never throw, and disassemble", () => {
    const instruction = fc.record({ code: fc.nat(0x1ff), jt: fc.nat(255), jf: fc.nat(255), k: fc.nat(0xffffffff) });
    fc.assert(
      fc.property(fc.array(instruction, { maxLength: 40 }), (program) => {
        const fault = verifyClassic(program);
        if (fault) expect(fault.at).toBeLessThanOrEqual(program.length);
        expect(disassemble(program)).toHaveLength(program.length);
      }),
      { numRuns: 3_000 },
    );
  });
});
