"use client";
import clsx from "clsx";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import type { RefObject } from "react";

export type ExpressionOption = { readonly label: string; readonly detail: string };
/** Options to put in place of the text between two positions, the likeliest first; UTF-16 units. */
export type ExpressionOffer = { readonly from: number; readonly to: number; readonly options: readonly ExpressionOption[] };

export type ExpressionInputProps = {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
  /** What may stand at a position of a text. */
  complete: (text: string, position: number) => ExpressionOffer;
  /** Id of the text that says what is wrong; null while nothing is. */
  faultId: string | null;
  maxLength?: number;
  inputRef?: RefObject<HTMLInputElement | null>;
};

/** One line for an expression. Offers what may stand at the caret; Escape closes the offer, then clears the line. */
export function ExpressionInput(props: ExpressionInputProps) {
  const { label, placeholder, value, onChange, complete, faultId, maxLength = 4096, inputRef } = props;
  const own = useRef<HTMLInputElement>(null);
  const input = inputRef ?? own;
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const id = useId();
  const offer = useMemo(() => complete(value, caret), [complete, value, caret]);
  const typed = value.slice(offer.from, offer.to);
  const options = offer.options.filter((option) => option.label !== typed);
  const shown = open && options.length > 0;

  const edit = (next: string, at: number) => {
    onChange(next);
    setCaret(at);
    setActive(-1);
  };
  const accept = (index: number) => {
    const option = options[index];
    if (option === undefined) return;
    const before = `${value.slice(0, offer.from)}${option.label} `;
    edit(before + value.slice(offer.to).trimStart(), before.length);
    requestAnimationFrame(() => input.current?.setSelectionRange(before.length, before.length));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && options.length > 0) {
      setOpen(true);
      setActive((was) => (shown ? (was + step + options.length + (was < 0 && step < 0 ? 1 : 0)) % options.length : 0));
    } else if ((event.key === "Enter" || event.key === "Tab") && shown && active >= 0) {
      accept(active);
    } else if (event.key === "Escape") {
      if (!shown) {
        edit("", 0);
        input.current?.blur();
      }
      setOpen(false);
    } else {
      if (event.key === "Enter") setOpen(false);
      return; // Enter without a choice is the form's
    }
    event.preventDefault();
  };
  return (
    <div className="relative">
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label={label}
        aria-expanded={shown}
        aria-controls={`${id}-options`}
        aria-autocomplete="list"
        aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
        aria-invalid={faultId === null ? undefined : true}
        aria-describedby={faultId ?? undefined}
        placeholder={placeholder}
        value={value}
        maxLength={maxLength}
        onChange={(event) => {
          edit(event.target.value, event.target.selectionStart ?? event.target.value.length);
          setOpen(true);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        className={clsx(
          "mono h-8 w-full rounded border bg-ground px-2 text-sm placeholder:text-muted",
          faultId === null ? "border-edge" : "border-dropped",
        )}
      />
      <div
        id={`${id}-options`}
        role="listbox"
        aria-label="What may stand here"
        hidden={!shown}
        className="absolute top-9 left-0 z-30 max-h-72 w-[560px] max-w-full overflow-auto rounded border border-edge bg-ground py-1 shadow-[0_8px_24px_rgb(0_0_0/0.25)]"
      >
        {shown
          ? options.map((option, i) => (
              <Option key={option.label} id={`${id}-${i}`} option={option} active={i === active} onPick={() => accept(i)} />
            ))
          : null}
      </div>
    </div>
  );
}

type OptionProps = { id: string; option: ExpressionOption; active: boolean; onPick: () => void };

function Option({ id, option, active, onPick }: OptionProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) row.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div
      ref={row}
      id={id}
      role="option"
      aria-selected={active}
      // The field keeps the focus: the keys go there.
      onMouseDown={(event) => {
        event.preventDefault();
        onPick();
      }}
      className={clsx("flex h-7 cursor-default items-center gap-3 px-2 text-sm", active ? "bg-selected" : "hover:bg-hover")}
    >
      <span className="mono whitespace-nowrap">{option.label}</span>
      <span className="truncate text-xs text-muted">{option.detail}</span>
    </div>
  );
}
