/// <reference lib="dom" />
/**
 * The screen alone, over a program that is only pretended: `?scene=` chooses what it shows, and `globalThis.fake` lets a
 * test change it and see which events were dispatched.
 */
import { mount } from "../../../client/ui/mount.tsx";
import { createFake } from "./fakePort.ts";
import { scenes } from "./scenes.ts";

const query = new URLSearchParams(location.search);
const fake = createFake(scenes);
fake.show(query.get("scene") ?? "firstRun");
Object.assign(globalThis, { fake });
mount(document.getElementById("app")!, fake.port);
