import clsx from "clsx";

export type StreamBlockProps = {
  side: 0 | 1;
  who: string;
  /** Words of the link back to where it came from. */
  where: string;
  /** What is missing before it, in words. */
  gap: string | null;
  text: string;
  onWhere: () => void;
};

/** What one side of a conversation said at a time. The sides differ in their rule, their place and in words. */
export function StreamBlock({ side, who, where, gap, text, onWhere }: StreamBlockProps) {
  return (
    <div className="[contain-intrinsic-height:auto_80px] [content-visibility:auto]">
      {gap === null ? null : (
        <p className="hatched mb-2 px-2 text-xs">
          <span className="bg-ground px-1 text-dropped">{gap}</span>
        </p>
      )}
      <div className={clsx("border-l-2 pl-3", side === 0 ? "border-tcp" : "ml-6 border-icmp")}>
        <p className="flex flex-wrap gap-x-3 text-xs text-muted">
          <span className={clsx("mono", side === 0 ? "text-tcp" : "text-icmp")}>
            <span aria-hidden>{side === 0 ? "→ " : "← "}</span>
            {who}
          </span>
          <button type="button" onClick={onWhere} className="underline decoration-edge underline-offset-2 hover:text-ink">
            {where}
          </button>
        </p>
        <pre className="mono text-xs leading-5 break-all whitespace-pre-wrap">{text}</pre>
      </div>
    </div>
  );
}
