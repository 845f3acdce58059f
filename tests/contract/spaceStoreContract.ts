/** What every store of spaces must do. */
import type { SpaceStoreCase } from "./spaceStoreCase.ts";
import { MAIL_CASES } from "./spaceStoreMailCases.ts";
import { SPACE_CASES } from "./spaceStoreSpaceCases.ts";
import { TIME_CASES } from "./spaceStoreTimeCases.ts";

export const SPACE_STORE_CASES: readonly SpaceStoreCase[] = [...SPACE_CASES, ...MAIL_CASES, ...TIME_CASES];
