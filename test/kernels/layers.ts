/** tshark's layers of a packet as JSON: to be carried into the booted kernels. */
import { type Dissected, type Field, type Layer, fields } from "../support/tshark.ts";

export type WrittenLayer = Omit<Layer, "values"> & { readonly values: readonly (readonly [Field, readonly string[]])[] };

export const writtenLayers = (dissected: Dissected): readonly WrittenLayer[] =>
  dissected.map(({ values, ...layer }) => ({
    ...layer,
    values: fields.map((field) => [field, values(field)] as const).filter(([, found]) => found.length > 0),
  }));

/** As they were before they were written. */
export const readLayers = (layers: readonly WrittenLayer[]): Dissected =>
  layers.map(({ values, ...layer }) => {
    const found = new Map(values);
    return { ...layer, values: (field) => found.get(field) ?? [] };
  });
