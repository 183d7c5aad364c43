"use client";
import { useCallback, useRef } from "react";
import { type CompletionData, complete } from "../../domain/query/index.ts";
import { ExpressionInput } from "../../ui/ExpressionInput.tsx";
import { useFocusKey } from "../app/useFocusKey.ts";

export type FilterInputProps = {
  value: string;
  onChange: (value: string) => void;
  /** What can stand in a value. */
  known: CompletionData;
  /** Id of the text that says what is wrong; null while nothing is. */
  faultId: string | null;
  label?: string;
  placeholder?: string;
};

const EXAMPLE = 'ip.addr == 10.0.0.0/8 && tcp.dstport == 443 && host.label.env == "prod"  ( / )';

/** The line for a filter in the filter language; `/` goes there. */
export function FilterInput({ value, onChange, known, faultId, label = "Filter", placeholder = EXAMPLE }: FilterInputProps) {
  const input = useRef<HTMLInputElement>(null);
  useFocusKey(input);
  const offer = useCallback((text: string, position: number) => complete(text, position, known), [known]);
  return (
    <ExpressionInput
      label={label}
      placeholder={placeholder}
      value={value}
      onChange={onChange}
      complete={offer}
      faultId={faultId}
      inputRef={input}
    />
  );
}
