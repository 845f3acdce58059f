/** Small choices of this device that say nothing about anybody, in plain storage; without storage they last until the page closes. */

export interface Preference {
  get(): string | null;
  /** `null` forgets the choice. */
  set(value: string | null): void;
}

export const preference = (name: string): Preference => ({
  get() {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  },
  set(value) {
    try {
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
    } catch {
      // Storage is blocked: the choice holds until the page closes.
    }
  },
});
