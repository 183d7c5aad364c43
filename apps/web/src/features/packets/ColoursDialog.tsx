"use client";
import { ArrowUp, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { defaultRules, rulesOf, rulesText } from "../../domain/packets/colours.ts";
import type { TonedRule } from "../../domain/packets/colours.ts";
import { Button } from "../../ui/Button.tsx";
import { Swatch } from "../../ui/Swatch.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Field } from "../../ui/Field.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { rowToneNames } from "../../ui/rowTones.ts";
import { Select } from "../../ui/Select.tsx";
import { useRemembered } from "../app/useRemembered.ts";

const MAX_RULES = 30;

/** The rules that colour packets, in order: the first that takes a packet wins. `faults`: what is wrong with each, as it is in force. */
export function ColoursDialog({ faults, onClose }: { faults: readonly (string | null)[]; onClose: () => void }) {
  const [kept, keep] = useRemembered("packets.colours");
  const [rules, setRules] = useState(() => rulesOf(kept).map((rule, key) => ({ ...rule, key })));
  const [next, setNext] = useState(rules.length);
  const change = (key: number, more: Partial<TonedRule>) => setRules(rules.map((rule) => (rule.key === key ? { ...rule, ...more } : rule)));
  const apply = (now: readonly TonedRule[]) => keep(rulesText(now) === rulesText(defaultRules) ? "" : rulesText(now));
  return (
    <Dialog
      title="Colouring rules"
      description="Each takes the packets of a display filter; the first that takes a packet colours it. This browser keeps them."
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
    >
      <ol className="flex flex-col gap-3">
        {rules.map((rule, at) => (
          <li key={rule.key} className="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-2 border-b border-line pb-3">
            <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,2fr)] gap-2">
              <Field label="Name" value={rule.name} maxLength={60} onChange={(event) => change(rule.key, { name: event.target.value })} />
              <Field
                label="Display filter"
                mono
                value={rule.filter}
                maxLength={1000}
                error={faults[at] ?? undefined}
                spellCheck={false}
                onChange={(event) => change(rule.key, { filter: event.target.value })}
              />
            </div>
            <div className="flex h-8 items-center gap-1">
              <Swatch tone={rule.tone} />
              <Select label={`Colour of ${rule.name}`} value={rule.tone} onChange={(tone) => change(rule.key, { tone })}>
                {rowToneNames.map((tone) => (
                  <option key={tone} value={tone}>
                    {tone}
                  </option>
                ))}
              </Select>
              <IconButton
                label={`Move ${rule.name} up`}
                disabled={at === 0}
                onClick={() => setRules([...rules.slice(0, at - 1), rule, ...rules.slice(at - 1, at), ...rules.slice(at + 1)])}
              >
                <ArrowUp size={15} aria-hidden />
              </IconButton>
              <IconButton label={`Remove ${rule.name}`} onClick={() => setRules(rules.filter((one) => one.key !== rule.key))}>
                <Trash2 size={15} aria-hidden />
              </IconButton>
            </div>
          </li>
        ))}
      </ol>
      <div className="flex flex-wrap justify-between gap-2">
        <div className="flex gap-2">
          <Button
            size="form"
            icon={<Plus size={15} aria-hidden />}
            disabled={rules.length >= MAX_RULES}
            onClick={() => {
              setRules([{ name: "New rule", filter: "", tone: "accent", key: next }, ...rules]);
              setNext(next + 1);
            }}
          >
            Add a rule
          </Button>
          <Button size="form" look="quiet" onClick={() => setRules(defaultRules.map((rule, i) => ({ ...rule, key: next + i })))}>
            Back to the first ones
          </Button>
        </div>
        <Button size="form" look="primary" onClick={() => apply(rules.filter((rule) => rule.filter.trim() !== ""))}>
          Apply
        </Button>
      </div>
    </Dialog>
  );
}
