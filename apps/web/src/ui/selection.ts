import { useRef } from "react";

/** Whether text is selected there: a click ends that selection, and is for nothing else. */
export function hasSelection(within: Node): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(within, true);
}

export type SelectionBefore = {
  /** The pointer goes down there. */
  readonly pressed: (within: Node) => void;
  /** Whether text was selected there before, and still is: the other mouse button is then for the browser's own menu. */
  readonly selected: (within: Node) => boolean;
};

/** Some browsers select the word under a pointer that asks for a menu: only what was selected before it came counts. */
export function useSelectionBefore(): SelectionBefore {
  const before = useRef(false);
  return {
    pressed: (within) => {
      before.current = hasSelection(within);
    },
    selected: (within) => before.current && hasSelection(within),
  };
}
