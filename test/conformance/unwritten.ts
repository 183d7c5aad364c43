import { Class, type ClassicInstruction, Jump, Mode, Size, classOf, operationOf } from "../../packages/filter/src/index.ts";

/**
 * Whether a path reads a scratch word that it has not written: libpcap's bpf_filter() then takes what
 * happens to lie on its stack, so that its answer is none to compare with. libpcap makes such programs
 * of `geneve or …`. One bit a word, met over paths.
 */
export function readsUnwritten(program: readonly ClassicInstruction[]): boolean {
  const written = new Uint32Array(program.length).fill(0xffffffff);
  written[0] = 0;
  const meet = (to: number, mask: number): void => {
    if (to < written.length) written[to] = (written[to] ?? 0) & mask;
  };
  for (const [at, { code, jt, jf, k }] of program.entries()) {
    let mask = written[at] ?? 0;
    const reads = code === (Class.ld | Size.w | Mode.mem) || code === (Class.ldx | Size.w | Mode.mem);
    if (reads && (mask & (1 << k)) === 0) return true;
    if (code === Class.st || code === Class.stx) mask |= 1 << k;
    if (classOf(code) === Class.ret) continue;
    if (classOf(code) !== Class.jmp) meet(at + 1, mask);
    else if (operationOf(code) === Jump.ja) meet(at + 1 + k, mask);
    else for (const offset of [jt, jf]) meet(at + 1 + offset, mask);
  }
  return false;
}
