"use client";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { RefObject } from "react";
import { flushSync } from "react-dom";
import { MAX_HEIGHT, ROW, rowWindow, scrollTo } from "./rowWindow.ts";
import type { RowWindow } from "./rowWindow.ts";

/** Before it is laid out. */
const INITIAL_HEIGHT = 600;

/** Where a scrolled box stands: distance from its top, its own height, and that of all it holds. */
const placeOf = (box: HTMLElement) => ({ top: box.scrollTop, height: box.clientHeight, all: box.scrollHeight });

export type RowScroll = {
  /** The box that is scrolled. */
  readonly box: RefObject<HTMLDivElement | null>;
  readonly window: RowWindow;
  /** Height of what is seen of the rows, px. */
  readonly view: number;
  /** Whether all of a row is in sight. */
  readonly sees: (row: number) => boolean;
  /** Brings a row into sight. */
  readonly reveal: (row: number) => void;
  /** Takes up where the box was scrolled to. True: a person went away from the end; false: it is at the end. */
  readonly scrolled: () => boolean | null;
};

/** Which rows of a scrolled box are drawn, and where. `follow` keeps the last row in sight. */
export function useRowWindow({ count, follow }: { count: number; follow: boolean }): RowScroll {
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ top: 0, height: INITIAL_HEIGHT, all: 0 });
  const was = useRef({ top: 0, height: 0, all: 0 });
  const view = Math.max(ROW, place.height - ROW);
  // A followed list scrolls to its end after it is drawn: rows of where it stood before would leave it blank for a frame.
  const window = rowWindow(count, follow ? Number.MAX_SAFE_INTEGER : place.top, view);
  const { scale } = window;

  useLayoutEffect(() => {
    const element = box.current;
    if (!follow || element === null) return;
    element.scrollTop = element.scrollHeight;
    was.current = placeOf(element);
    // Asked only when the end has moved: of a list that is full rows go as others come, and each question lays out the page.
  }, [follow, window.height, place.height]);

  // Where a list stands is not asked while it follows. An observer tells at once, so one that stops following begins where it was.
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => flushSync(() => setPlace(placeOf(element))));
    observer.observe(element);
    return () => observer.disconnect();
  }, [follow]);

  // One notch of the wheel moves as many rows in a scaled list as in any other.
  useEffect(() => {
    const element = box.current;
    if (element === null || scale === 1) return;
    let rest = 0;
    const onWheel = (event: WheelEvent) => {
      if (event.ctrlKey || event.shiftKey || event.deltaY === 0) return;
      event.preventDefault();
      const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : ROW);
      const to = Math.min(MAX_HEIGHT, Math.max(0, element.scrollTop + rest + pixels / scale));
      element.scrollTop = Math.round(to);
      rest = to - Math.round(to);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [scale]);

  return {
    box,
    window,
    view,
    sees: (row) => scrollTo(row, window, view) === null,
    reveal: (row) => {
      const element = box.current;
      if (element === null) return;
      const height = Math.max(ROW, element.clientHeight - ROW);
      const to = scrollTo(row, rowWindow(count, element.scrollTop, height), height);
      if (to === null) return;
      element.scrollTop = to;
      setPlace(placeOf(element));
    },
    scrolled: () => {
      const element = box.current;
      if (element === null) return null;
      const now = placeOf(element);
      const before = was.current;
      was.current = now;
      // Drawn before the scrolled box is painted: rows that come a frame later would leave it blank.
      if (!follow) flushSync(() => setPlace(now));
      if (now.all - now.top - now.height <= ROW) return false;
      // A window that changes its size moves the list as well; up within the same size moves only a person.
      return now.top < before.top && now.height === before.height && now.all >= before.all ? true : null;
    },
  };
}
