/** What takes a database from each version to the next, the first one from an empty file. Never changed, only added to. */
import { MIGRATION_1 } from "./0001.ts";

export const MIGRATIONS: readonly string[] = [MIGRATION_1];
