/** A level bar that follows a signal without rendering anything around it again. */
import { type ReadonlySignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";

export interface MeterProps {
  readonly label: string;
  /** 0 to 1. */
  readonly level: ReadonlySignal<number>;
}

export function Meter({ label, level }: MeterProps) {
  const bar = useRef<HTMLDivElement>(null);
  useSignalEffect(() => {
    const share = Math.min(1, Math.max(0, level.value));
    bar.current?.style.setProperty("--level", String(share));
    bar.current?.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  });
  return (
    <div
      ref={bar}
      class="meter"
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
    >
      <div class="meter-bar" />
    </div>
  );
}
