import type { FieldDef } from "../dissect/fields.ts";

/** What a name is remembered by: that of a protocol by itself ("dns"), that of a field by its first part ("dns." of dns.qry.name). */
export const markOf = (name: string): string => (name.includes(".") ? name.slice(0, name.indexOf(".") + 1) : name);

/** Of all names of a field. */
export const marksOf = ({ name, also = [] }: FieldDef): readonly string[] => [...new Set([name, ...also].map(markOf))];
