/** Lines of a program's output, as they came. */
export function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <pre tabIndex={0} className="mono max-h-[40dvh] overflow-auto rounded border border-line bg-surface p-2 text-xs whitespace-pre-wrap">
      {lines.join("\n")}
    </pre>
  );
}
