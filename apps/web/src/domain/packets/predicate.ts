import type { Dissection } from "../dissect/types.ts";
import { numberTest, textTest, type Condition, type Query } from "../query/index.ts";
import { columnsTest } from "./columnTest.ts";
import { packetFields, type PacketField, type PacketTerm } from "./fields.ts";
import { frameNumber, frameTexts } from "./frame.ts";
import { NO, UNSURE, YES, type Answer, type Answered } from "./answer.ts";
import type { PacketTable } from "./table.ts";
import { holds, someNode, valueTest } from "./values.ts";

/** Whether the packet of a row is of the query. */
export type RowPredicate = (row: number) => boolean;
/** A condition in its two forms: what the columns say of it, and what the packet's own tree says. */
type Compiled = { readonly quick: Answered; readonly thorough: (row: number, dissection: Dissection) => boolean };

/**
 * The query as a function over the table's rows. It is asked of the columns first; only packets of which they do not
 * know the answer are taken apart.
 */
export function packetPredicate(query: Query<PacketTerm>, table: PacketTable): RowPredicate {
  if (query.type === "all") return () => true;
  const { quick, thorough } = compile(query, table);
  return (row) => {
    const answer = quick(row);
    return answer === UNSURE ? thorough(row, table.dissect(row)) : answer === YES;
  };
}

function compile(condition: Condition<PacketTerm>, table: PacketTable): Compiled {
  switch (condition.type) {
    case "and":
      return all(condition.of.map((one) => compile(one, table)));
    case "or": // not one is none, by the same way
      return negated(all(condition.of.map((one) => negated(compile(one, table)))));
    case "not":
      return negated(compile(condition.of, table));
    case "present":
    case "compare":
    case "in":
    case "contains":
    case "containsBytes":
    case "matches":
      return termOf(condition, table);
  }
}

function all(of: readonly Compiled[]): Compiled {
  return {
    quick: (row) => {
      let answer: Answer = YES;
      for (const { quick } of of) {
        const one = quick(row);
        if (one === NO) return NO;
        if (one === UNSURE) answer = UNSURE;
      }
      return answer;
    },
    thorough: (row, dissection) => of.every(({ thorough }) => thorough(row, dissection)),
  };
}

function negated({ quick, thorough }: Compiled): Compiled {
  return {
    quick: (row) => {
      const answer = quick(row);
      return answer === UNSURE ? UNSURE : answer === YES ? NO : YES;
    },
    thorough: (row, dissection) => !thorough(row, dissection),
  };
}

function termOf(term: PacketTerm, table: PacketTable): Compiled {
  const field = packetFields.of(term.field);
  const { source } = field;
  switch (source.type) {
    case "always":
      return certain(wholePacket(term, table));
    case "number": {
      const read = frameNumber(source.column, table);
      if (term.type === "present") {
        if (field.type === "flag") return certain((row) => read(row) === 1);
        return certain((row) => hasValue(source.column, read(row)));
      }
      const test = numberTest(term.type === "compare" || term.type === "in" ? term : { type: "in", field: term.field, items: [] });
      const wanted = !(term.type === "compare" && term.op === "!=");
      return certain((row) => hasValue(source.column, read(row)) && test(read(row)) === wanted);
    }
    case "text": {
      const texts = frameTexts(source, table);
      const test = textOf(term);
      const differs = term.type === "compare" && term.op === "!=";
      return certain((row) => {
        const values = texts(row);
        return values.length > 0 && (differs ? values.every(test) : values.some(test));
      });
    }
    case "malformed":
      return { quick: () => UNSURE, thorough: (_row, { layers }) => layers.some(({ problem }) => problem === "malformed") };
    case "nodes":
      return nodesOf(term, field, { names: source.names, table });
  }
}

/** A direction that is not known is none, and so is a conversation of what has none. */
const hasValue = (column: string, value: number): boolean => (column === "direction" ? value > 0 : column !== "udpStream" || value >= 0);

const certain = (test: (row: number) => boolean): Compiled => ({ quick: (row) => (test(row) ? YES : NO), thorough: test });

function textOf(term: PacketTerm): (text: string) => boolean {
  if (term.type !== "matches" && term.type !== "containsBytes") return textTest(term);
  return valueTest(term, packetFields.of(term.field));
}

function wholePacket(term: PacketTerm, table: PacketTable): (row: number) => boolean {
  if (term.type === "containsBytes") return (row) => holds(table.bytes(row), term.bytes);
  if (term.type === "matches") return (row) => term.pattern.test(table.bytes(row));
  return () => true;
}

function nodesOf(term: PacketTerm, field: PacketField, { names, table }: { names: readonly string[]; table: PacketTable }): Compiled {
  const test = valueTest(term, field);
  const differs = term.type === "compare" && term.op === "!=";
  const inProtocol = field.type === "presence" && (term.type === "containsBytes" || term.type === "matches");
  const thorough = (row: number, { layers }: Dissection): boolean => {
    if (inProtocol) return someNode(layers, names, ({ at }) => test(table.bytes(row).subarray(at)));
    if (!differs) return someNode(layers, names, ({ value }) => test(value));
    return someNode(layers, names, () => true) && !someNode(layers, names, ({ value }) => test(value));
  };
  return { quick: columnsTest(term, { names, table }), thorough };
}
