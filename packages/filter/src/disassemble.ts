import { Class, type ClassicInstruction, Mode, Source, classOf, modeOf, operationOf, sizeOf, sourceOf } from "./classic.ts";

const sizes: Record<number, string> = { 0x00: "", 0x08: "h", 0x10: "b" };
const alu = ["add", "sub", "mul", "div", "or", "and", "lsh", "rsh", "neg", "mod", "xor"];
const jumps = ["ja", "jeq", "jgt", "jge", "jset"];

/** One line per instruction in the notation of `tcpdump -d`: `(002) jeq #0x6 jt 3 jf 8`. */
export function disassemble(program: readonly ClassicInstruction[]): string[] {
  return program.map((instruction, at) => `(${String(at).padStart(3, "0")}) ${line(instruction, at)}`);
}

function line(instruction: ClassicInstruction, at: number): string {
  const { code, jt, jf, k } = instruction;
  switch (classOf(code)) {
    case Class.ld:
      return `ld${sizes[sizeOf(code)] ?? "?"} ${operand(code, k)}`;
    case Class.ldx:
      return `ldx${sizes[sizeOf(code)] ?? "?"} ${operand(code, k)}`;
    case Class.st:
      return `st M[${k}]`;
    case Class.stx:
      return `stx M[${k}]`;
    case Class.alu: {
      const name = alu[operationOf(code) >> 4] ?? "?";
      return name === "neg" ? name : `${name} ${sourceOf(code) === Source.x ? "x" : `#${hex(k)}`}`;
    }
    case Class.jmp: {
      const name = jumps[operationOf(code) >> 4] ?? "?";
      if (name === "ja") return `ja ${at + 1 + k}`;
      return `${name} ${sourceOf(code) === Source.x ? "x" : `#${hex(k)}`} jt ${at + 1 + jt} jf ${at + 1 + jf}`;
    }
    case Class.ret:
      return code === (Class.ret | Source.a) ? "ret a" : `ret #${k}`;
    default:
      return code === Class.misc ? "tax" : "txa";
  }
}

function operand(code: number, k: number): string {
  switch (modeOf(code)) {
    case Mode.imm:
      return `#${hex(k)}`;
    case Mode.abs:
      return `[${k}]`;
    case Mode.ind:
      return `[x + ${k | 0}]`;
    case Mode.mem:
      return `M[${k}]`;
    case Mode.len:
      return "#pktlen";
    default:
      return `4*([${k}]&0xf)`;
  }
}

const hex = (value: number): string => `0x${value.toString(16)}`;
