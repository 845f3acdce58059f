/**
 * Keeps a scrolled list where the person reads: at the end it follows what arrives, elsewhere the message at the top
 * stays in place, whatever is put before or after it.
 */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { MessageView } from "../../core/node/view.ts";

/** This near to the end counts as being there. */
const END_WITHIN_PX = 40;

export interface ScrollKeeper {
  readonly atEnd: boolean;
  /** Whether somebody else's message arrived below what is in sight. */
  readonly unseen: boolean;
  /** To be called on every scroll event. */
  moved(): void;
  toEnd(): void;
}

interface Anchor {
  readonly element: HTMLElement;
  readonly topPx: number;
}

export function useScrollKeeper(
  list: RefObject<HTMLElement | null>,
  messages: readonly MessageView[],
): ScrollKeeper {
  const [atEnd, setAtEnd] = useState(true);
  const [unseen, setUnseen] = useState(false);
  const place = useRef<{ atEnd: boolean; anchor: Anchor | null }>({ atEnd: true, anchor: null });
  const newest = messages[messages.length - 1];

  const remember = () => {
    const element = list.current;
    if (element === null) return;
    const end = element.scrollHeight - element.scrollTop - element.clientHeight <= END_WITHIN_PX;
    place.current = { atEnd: end, anchor: end ? null : topMost(element) };
    setAtEnd(end);
    if (end) setUnseen(false);
  };
  const restore = () => {
    const element = list.current;
    if (element === null) return;
    const { atEnd: follow, anchor } = place.current;
    if (follow) element.scrollTop = element.scrollHeight;
    else if (anchor?.element.isConnected) element.scrollTop += topOf(anchor.element) - anchor.topPx;
  };

  useLayoutEffect(restore, [messages]);
  useLayoutEffect(() => {
    if (newest?.own) {
      place.current = { atEnd: true, anchor: null };
      restore();
    } else if (!place.current.atEnd) setUnseen(true);
  }, [newest?.id]);
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    const observer = new ResizeObserver(restore);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  return {
    atEnd,
    unseen,
    moved: remember,
    toEnd() {
      place.current = { atEnd: true, anchor: null };
      restore();
    },
  };
}

const topOf = (element: HTMLElement) => element.getBoundingClientRect().top;

/** The first message that is at least partly in sight. */
function topMost(list: HTMLElement): Anchor | null {
  const edgePx = topOf(list);
  for (const element of list.querySelectorAll<HTMLElement>("article")) {
    const { top, bottom } = element.getBoundingClientRect();
    if (bottom > edgePx) return { element, topPx: top };
  }
  return null;
}
