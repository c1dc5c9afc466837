/**
 * The emulator, from the folder that the program is told: beside this one where it was installed
 * for developing, or in the user's cache. (Node looks for ES modules nowhere else than upwards.)
 */

import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(path.resolve(process.argv[2]), "node_modules", "of.js"));

export const { BasePeripheral, createSetupPacket, DataDirection, GPIOPinState, RP2040, SetupRecipient, SetupRequest, SetupType } =
  /** @type {typeof import("rp2040js")} */ (require("rp2040js"));
