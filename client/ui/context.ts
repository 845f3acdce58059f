/** Hands the program and the screen's own state to every component. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Ui } from "./store.ts";

export const UiContext = createContext<Ui | null>(null);

export function useUi(): Ui {
  const ui = useContext(UiContext);
  if (ui === null) throw new Error("a component stands outside of the UiContext");
  return ui;
}
