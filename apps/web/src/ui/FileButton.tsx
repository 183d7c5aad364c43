"use client";
import type { ReactNode } from "react";

export type FileButtonProps = {
  label: string;
  /** Endings and types, as an input takes them. */
  accept: string;
  icon?: ReactNode;
  onFile: (file: File) => void;
  /** In a bar: on a phone the word is only said. */
  tool?: boolean;
};

/** Looks like a button and chooses a file of this machine. */
export function FileButton({ label, accept, icon, onFile, tool = false }: FileButtonProps) {
  return (
    <label className="inline-flex h-7 cursor-pointer items-center gap-1.5 rounded border border-edge bg-ground px-2.5 text-sm font-medium whitespace-nowrap select-none hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-accent">
      {icon}
      <span className={tool ? "max-md:sr-only" : undefined}>{label}</span>
      <input
        type="file"
        accept={accept}
        className="sr-only"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = ""; // the same file can be chosen again
          if (file !== undefined) onFile(file);
        }}
      />
    </label>
  );
}
